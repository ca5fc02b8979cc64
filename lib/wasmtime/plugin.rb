# frozen_string_literal: true

require_relative "subscribe"
require_relative "usage"
require_relative "plugin/errors"
require_relative "plugin/forks"
require_relative "plugin/untrusted"
require_relative "plugin/limits"
require_relative "plugin/permissions"
require_relative "plugin/manifest"
require_relative "plugin/source"
require_relative "plugin/log"
require_relative "plugin/events"
require_relative "plugin/faults"
require_relative "plugin/program"
require_relative "plugin/sandbox"
require_relative "plugin/guest"
require_relative "plugin/instances"
require_relative "plugin/kept_instances"
require_relative "plugin/invocation"
require_relative "plugin/observed_invocation"
require_relative "plugin/bytes_calls"
require_relative "plugin/component_bytes_calls"
require_relative "plugin/json_calls"
require_relative "plugin/registry"

module Wasmtime
  # Code of somebody else's, a module or a component, that a program calls without trusting it. It sees nothing that was not granted, and each call
  # has its limits: 5 seconds, 64 MiB of memory, 1 MiB of output. What it does wrong is a {GuestError}, and harms nobody else.
  #
  # Each call has a fresh instance, so that no call sees what an earlier one left behind. Any number of threads may call at the same time, and other
  # threads run meanwhile. For the main Ractor.
  #
  # @example
  #   plugin = Wasmtime::Plugin.load("redact.wasm", grant: { env: { "SALT" => salt }, stdio: true }, limits: { timeout: 0.5 }, logger: logger)
  #   plugin.call(:add, 1, 2)                    # => 3
  #   plugin.call_bytes(:redact, "secret: 1234") # => "secret: ****"
  #   plugin.call_json(:score, { "words" => 7 }) # => { "score" => 0.5 }
  class Plugin
    # Calls of one plugin at a time, unless it is said otherwise.
    POOL = 16
    private_constant :POOL

    class << self
      # Loads a plugin: reads its manifest, checks, compiles and links it. The compiled code is kept as {Wasmtime.load} keeps it.
      #
      # Without a manifest it has all that is granted; with one, what it requests of that. `imports:` are as they are: what a host block does is the
      # host's business.
      #
      # Instances of calls at the same time live in a pool that all plugins of the process share: 64 of them, others wait for `checkout_timeout:`.
      # What is too large for the pool (several memories, tables of millions) gets its memory as it comes, which is slower. With `reuse:` instances
      # are kept and serve one call after the other: that is faster, and **a call sees what earlier ones left in the guest's memory**, those of other
      # users too. An instance whose call did not end well is thrown away.
      #
      # @param source [String, Pathname] a file with code, a manifest (`plugin.yml`), or a folder that has one
      # @param name [String, nil] what it is called in messages, logs and events; nil: as the manifest or the file says
      # @param grant [Hash] what it may have at most: `dirs:` (`{ "/guest" => "host" }`, or `["host", :read_write]`), `env:`
      #   (`{ "NAME" => "value" }`), `stdio:` (true, false, or a list of :stdout and :stderr: what it writes there goes to the logger)
      # @param limits [Hash] `memory_size:` (bytes of a memory), `timeout:` (seconds), `fuel:`, `output:` (bytes of each stream); nil is no limit
      # @param imports [Hash] what it may call, as {Linker#define_all} and {Component::Linker#define_all}: callables, or objects with methods
      # @param logger [Logger, nil] has a tagged entry for each line that it writes
      # @param sha256 [String, nil] what the code must be, in hexadecimal
      # @param manifest [Manifest, Hash, nil] instead of the one in a file
      # @param reuse [Integer, nil] how many instances are kept; nil: a fresh one for each call
      # @param pool [Integer] calls at the same time, each with a fresh instance
      # @param checkout_timeout [Numeric] seconds to wait when all instances are busy
      # @param gvl [:release, :hold] `:hold` keeps other threads waiting, which saves short calls some 0.3 us
      # @param engine [Engine, nil] instead of the engines that plugins share: without the pool, unless it has its own
      # @param cache_dir [String, Pathname, false, nil] where compiled code is kept, as {Wasmtime.load}
      # @param allocate [String, Symbol, nil] the guest's function that takes a size and gives a pointer; nil: the manifest's, or a usual name
      # @param free [String, Symbol, false, nil] the one that takes it back; false: none
      # @return [Plugin]
      # @raise [ManifestError] for a manifest that says what a manifest cannot say
      # @raise [PermissionError] for code outside of the manifest's folder, and for another SHA-256 than was expected
      # @raise [CompileError] when it does not compile
      # @raise [LinkError] listing every import that nobody gives
      # @raise [CacheError] as {Wasmtime.load}
      # @raise [Error] when the file cannot be read, for a function `allocate:` or `free:` that does not exist, and in another Ractor
      # @raise [ArgumentError] for a permission or a limit that does not exist, or that the engine cannot keep
      # @raise [TypeError] for arguments of another kind
      def load(source, name: nil, grant: {}, limits: {}, imports: {}, logger: nil, sha256: nil, manifest: nil, reuse: nil, pool: POOL,
               checkout_timeout: 5, gvl: :release, engine: nil, cache_dir: nil, allocate: nil, free: nil)
        raise Error, "plugins are for the main Ractor: elsewhere use Store, Linker and Instance" unless Ractor.current == Ractor.main

        source = Source.find(source, manifest)
        compiling(source, name) do |its_name|
          new(source, its_name, grant: grant, limits: limits, imports: imports, logger: logger, sha256: sha256, reuse: reuse, pool: pool,
                                checkout_timeout: checkout_timeout, gvl: gvl, engine: engine, cache_dir: cache_dir, allocate: allocate, free: free)
        end
      end

      private

      # Tells who wants to know.
      def compiling(source, name)
        name = name.nil? ? source.default_name : Wasmtime._string(name).dup.freeze
        payload = { plugin: name, function: nil, outcome: :ok, usage: nil, error: nil, duration: nil }
        started = Usage._now
        Events.instrument(Events::COMPILE, payload) do
          yield name
        rescue StandardError => e
          payload.update(outcome: :error, error: e)
          raise
        ensure
          payload[:duration] = Usage._now - started
        end
      end

      def _subscribe(pattern, block)
        Events.subscribe(pattern, block)
      end

      def _unsubscribe(subscription)
        Events.unsubscribe(subscription)
      end
    end
    private_class_method :new

    # @return [String] what it is called
    attr_reader :name
    # @return [Manifest, nil] what it says of itself; nil when it has none
    attr_reader :manifest
    # @return [Permissions] what it may see of the world
    attr_reader :permissions
    # @return [Limits] what a call may use
    attr_reader :limits

    # @api private
    def initialize(source, name, grant:, limits:, imports:, logger:, sha256:, reuse:, pool:, checkout_timeout:, gvl:, engine:, cache_dir:, allocate:,
                   free:)
      @name = name
      @manifest = source.manifest
      @permissions = granted(Permissions.of(grant))
      @limits = lowered(Limits.of(limits))
      log = logger && Log.new(logger, name)
      compiled = compile(source.bytes(digests(sha256)), reuse, engine, cache_dir)
      @program = Program.link(compiled.code, imports)
      @bytes_calls = bytes_calls(allocate, free)
      @setup = Setup.new(name: name, instances: instances(compiled.room, reuse, pool, checkout_timeout, log), log: log,
                         seconds: @limits.timeout && CallOptions.seconds(@limits.timeout), release: CallOptions.released?(gvl) != false)
    end

    # Calls a function.
    # @param function [String, Symbol, Array<String>] its name; of a component also `["interface", "function"]`, and without the interface when that
    #   leaves no doubt
    # @param args [Array<Object>] a value for each parameter, as {Func#call} or {Component::Func#call}
    # @param named [Hash{Symbol => Object}] of a component: values by the names of parameters
    # @return [Object, Array, nil] the result; functions, references and resources of the guest are of no use once its instance is gone
    # @raise [GuestError] for whatever the guest does wrong; the {Trap} is its cause
    # @raise [CheckoutTimeout] when all instances were busy
    # @raise [EngineError] when the engine fails
    # @raise [NotFound] when there is no such function
    # @raise [ClosedError] when the plugin was closed
    # @raise [ArgumentError, TypeError, RangeError] for arguments that do not fit
    def call(function, *args, **named)
      target = @program.find(function) || not_found(function)
      invocation(function).run { |guest| guest.call(target, args, named) }
    end

    # Calls a function that takes bytes and gives bytes. In a component that is a function of a `string` or `list<u8>`; in a module one that is given
    # pointer and length, in memory that the guest allocates, and gives pointer and length, packed into one number or as two.
    # @param function [String, Symbol, Array<String>] as {#call}
    # @param string [String] its bytes are given to the guest
    # @return [String] a copy of the bytes that the guest gives, ASCII-8BIT
    # @raise [GuestError] for whatever the guest does wrong, also when it gives a place outside of its memory, or an error
    # @raise [CheckoutTimeout, EngineError, NotFound, ClosedError] as {#call}
    # @raise [Error] when the function does not follow the convention
    # @raise [TypeError] for what is no String
    # @raise [EncodingError] when a component takes a text, and the String is no UTF-8
    def call_bytes(function, string)
      string = Wasmtime._string(string)
      target = @program.find(function) || not_found(function)
      invocation(function).run { |guest| bytes(guest, target, string) }
    end

    # As {#call_bytes}, with JSON: what goes in and what comes out are Hashes, Arrays, Strings, numbers, true, false and nil.
    # @param function [String, Symbol, Array<String>] as {#call}
    # @param object [Object] what JSON has words for, nested at most 100 deep
    # @return [Object] never anything but the above, whatever the guest writes
    # @raise [GuestError] as {#call_bytes}; also for what is no JSON, has more than 4 MiB or is nested more than 100 deep
    # @raise [CheckoutTimeout, EngineError, NotFound, ClosedError, Error] as {#call_bytes}
    # @raise [JSON::GeneratorError, JSON::NestingError] for an object that cannot be written as JSON
    def call_json(function, object)
      string = JsonCalls.generate(object)
      target = @program.find(function) || not_found(function)
      invocation(function).run { |guest| JsonCalls.parse(bytes(guest, target, string)) }
    end

    # @return [Array<String>] the names of the functions that it exports
    def exports
      @exports ||= @program.function_names.map { |name| name.dup.freeze }.freeze
    end

    # Refuses calls from now on and frees what is kept. Calls that are running end as they would.
    # @return [Boolean] true, or false when it was closed already
    def close
      return false if @closed

      @closed = true
      @setup.instances.close
      true
    end

    # @return [Boolean] whether {#close} has ended it
    def closed?
      @closed ? true : false
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::Plugin #{Untrusted.line(name, 100)}#{' (closed)' if closed?}: #{Untrusted.line(exports.join(', '), 300)}>"
    end

    # Keeps no instances any more, but does not refuse calls: there is a newer version, and callers that have this one finish what they do.
    # @api private
    def _retire
      @setup.instances.close
    end

    private

    def granted(permissions)
      manifest ? permissions._requested(**manifest.permissions) : permissions
    end

    def lowered(limits)
      manifest ? limits._lowered(manifest.limits) : limits
    end

    def digests(given)
      return [*manifest&.sha256] if given.nil?

      digest = Wasmtime._string(given).downcase
      raise ArgumentError, "sha256: expected 64 hexadecimal digits, got #{given.inspect}" unless digest.match?(/\A\h{64}\z/)

      [digest, *manifest&.sha256]
    end

    def compile(bytes, reuse, engine, cache_dir)
      engine &&= Engines.own(engine, limits)
      Program.compile(bytes, fresh: reuse.nil?, metered: !limits.fuel.nil?, room: engine, cache_dir: cache_dir)
    end

    def bytes_calls(allocate, free)
      requested = manifest ? manifest.call : {}
      @program.bytes_calls(allocate: allocate || requested[:allocate], free: free.nil? ? requested.fetch(:free, nil) : free)
    end

    def instances(room, reuse, pool, patience, log)
      most = reuse.nil? ? count(:pool, pool) : count(:reuse, reuse)
      raise TypeError, "checkout_timeout: expected a number of seconds, got #{patience.inspect}" unless patience.is_a?(Numeric)

      program = @program
      sandbox = Sandbox.new(room, limits, (permissions if program.wasi?), log: !log.nil?)
      @reuse = !reuse.nil?
      return Instances.new(most, patience, room: room.slots) { Guest.new(program, sandbox, false) } unless @reuse

      (sandbox.outputs? ? LoggedInstances : KeptInstances).new(most, patience) { Guest.new(program, sandbox, true) }
    end

    def count(option, value)
      return value if value.is_a?(Integer) && value.positive?

      raise value.is_a?(Integer) ? ArgumentError : TypeError, "#{option}: expected how many, at least 1, got #{value.inspect}"
    end

    def bytes(guest, target, string)
      @bytes_calls.call(guest, target, string, free: @reuse)
    end

    def invocation(function)
      raise ClosedError, "plugin #{name} was closed" if @closed

      (Events.silent? ? Invocation : ObservedInvocation).new(@setup, function)
    end

    def not_found(function)
      asked = function.is_a?(Array) ? function.join("#") : function.to_s
      raise NotFound.new("plugin #{name} exports no function #{asked.inspect}#{Untrusted.hint(asked, exports)}", key: asked)
    end
  end
end
