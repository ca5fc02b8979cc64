# frozen_string_literal: true

module Wasmtime
  class Plugin
    # What a plugin may see of the world: what its manifest requests and the host grants, and at first that is nothing. Frozen.
    #
    # @example
    #   plugin.permissions.dirs   # => { "/templates" => ["/srv/app/templates", :read_only] }
    #   plugin.permissions.denied # => ["env SECRET_KEY_BASE"]
    class Permissions
      KEYS = %i[dirs env stdio].freeze
      # Streams that `stdio: true` stands for. Standard input is always empty.
      STREAMS = %i[stdout stderr].freeze
      MODES = %i[read_only read_write].freeze
      private_constant :KEYS, :STREAMS, :MODES

      # @return [Hash{String => Array(String, Symbol)}] host folder and :read_only or :read_write by the guest's path
      attr_reader :dirs
      # @return [Hash{String => String}] environment variables
      attr_reader :env
      # @return [Array<Symbol>] the streams that go to the logger: :stdout, :stderr, both or none
      attr_reader :stdio
      # @return [Array<String>] what the manifest requested and the host does not grant, to be read by people
      attr_reader :denied

      class << self
        # Reads what a host grants.
        # @param grant [Hash{Symbol => Object}] `dirs:` (`{ "/guest" => "host" }`, or `["host", :read_write]`), `env:` (`{ "NAME" => "value" }`) and
        #   `stdio:` (true, false, or a list of :stdout and :stderr)
        # @return [Permissions] all of it
        # @raise [ArgumentError] for what cannot be granted, and a folder that does not exist
        # @raise [TypeError] for values of another kind
        def of(grant)
          grant = hash_of(grant, "grant").transform_keys { |name| known(name) }
          new(dirs: dirs(hash_of(grant.fetch(:dirs, nil) || {}, "grant: dirs")), env: env(hash_of(grant.fetch(:env, nil) || {}, "grant: env")),
              stdio: _streams(grant.fetch(:stdio, false)) { |given| raise ArgumentError, "grant: stdio: #{given}" })
        end

        # The streams that a word about `stdio` means.
        # @yieldparam complaint [String]
        # @api private
        def _streams(given)
          case given
          when true then STREAMS
          when false, nil then []
          else
            names = Array(given).map { |name| STREAMS.find { |stream| stream.name == name.to_s } }
            names.all? ? STREAMS & names : yield("expected true, false, or a list of stdout and stderr, got #{given.inspect}")
          end
        end

        # @api private
        def _mode(name)
          MODES.find { |mode| mode.name == name.to_s }
        end

        private

        def hash_of(given, what)
          given = given.to_hash if given.equal?(ENV)
          Hash.try_convert(given) || raise(TypeError, "#{what}: expected a Hash, got #{given.class}")
        end

        def known(name)
          symbol = KEYS.find { |key| key.name == name.to_s }
          return symbol if symbol

          raise ArgumentError, "grant: unknown permission #{name.inspect}#{Untrusted.hint(name, KEYS)} (known: #{KEYS.join(', ')})"
        end

        def dirs(given)
          given.to_h do |guest, value|
            host, mode, *rest = Array(value)
            name = string(guest, "grant: dirs: the guest's path")
            if host.nil? || rest.any?
              raise ArgumentError, "grant: dirs: #{guest}: expected a folder, or a folder and :read_write, got #{value.inspect}"
            end

            [name, [folder(host, name), _mode(mode || :read_only) || raise(ArgumentError, mode_message(name, mode))].freeze]
          end
        end

        # Where the process is now: it may go elsewhere before the plugin is called.
        def folder(host, guest)
          path = File.expand_path(host)
          return path.freeze if File.directory?(path)

          raise ArgumentError, "grant: dirs: #{guest}: there is no folder #{path}"
        end

        def mode_message(guest, mode)
          "grant: dirs: #{guest}: expected :read_only or :read_write, got #{mode.inspect}"
        end

        def env(given)
          given.to_h { |name, value| [string(name, "grant: env: a name"), string(value, "grant: env: #{name}")] }
        end

        def string(value, what)
          text = value.is_a?(Symbol) ? value.name : String.try_convert(value)
          text ? text.dup.freeze : raise(TypeError, "#{what}: expected a String, got #{value.inspect}")
        end
      end
      private_class_method :new

      # @api private
      def initialize(dirs:, env:, stdio:, denied: [])
        @dirs = dirs.freeze
        @env = env.freeze
        @stdio = stdio.freeze
        @denied = denied.freeze
        freeze
      end

      # What is granted of what a manifest requests.
      # @param dirs [Hash{String => Symbol}] modes by the guest's path
      # @param env [Array<String>] names
      # @param stdio [Array<Symbol>] streams
      # @return [Permissions]
      # @api private
      def _requested(dirs:, env:, stdio:)
        given = dirs.slice(*self.dirs.keys).to_h { |guest, mode| [guest, [self.dirs[guest][0], lower(mode, self.dirs[guest][1])].freeze] }
        refused = dirs.reject { |guest, mode| given.dig(guest, 1) == mode }.map { |guest, mode| "dirs #{guest} (#{mode})" } +
                  (env - self.env.keys).map { |name| "env #{name}" } + (stdio - self.stdio).map { |stream| "stdio #{stream}" }
        self.class.__send__(:new, dirs: given, env: self.env.slice(*env), stdio: self.stdio & stdio, denied: refused)
      end

      # The WASI of a call, without its output.
      # @return [WasiConfig]
      # @api private
      def _wasi_config
        config = WasiConfig.new.set_env(env)
        dirs.each { |guest, (host, mode)| config.set_mapped_directory(host, guest, mode) }
        config
      end

      # @return [String] what is permitted, without the values of variables
      def inspect
        "#<Wasmtime::Plugin::Permissions dirs: #{dirs.transform_values(&:last).inspect}, env: #{env.keys.inspect}, stdio: #{stdio.inspect}>"
      end

      private

      def lower(wanted, allowed)
        MODES[[MODES.index(wanted), MODES.index(allowed)].min]
      end
    end
  end
end
