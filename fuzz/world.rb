# frozen_string_literal: true

require "timeout"
require_relative "components"
require_relative "guests"
require_relative "references"
require_relative "values"

module Fuzz
  # Objects of all classes, and steps that make them, use them and let them go, in an order that a seed decides.
  class World
    include Components
    include References

    # What a step may raise. Anything else is a bug, and so is a process that ends.
    EXPECTED = [Wasmtime::Error, HostError, TypeError, ArgumentError, RangeError, IndexError, EncodingError, FrozenError, NoMemoryError,
                IO::Buffer::LockedError, IO::Buffer::AccessError, IO::Buffer::AllocationError, SystemStackError, Timeout::Error,
                UncaughtThrowError, LocalJumpError, FloatDomainError, Ractor::Error, SystemCallError].freeze
    LIMITS = { memory_size: 2 << 20, table_elements: 1_000, instances: 20, memories: 20, tables: 20 }.freeze
    # More objects than that push others out.
    KEPT = 12
    # Public methods that the world calls itself or that would disturb it: they write files, read the terminal, sleep or never return.
    LEFT_OUT = %i[inherit_stdin inherit_stdout inherit_stderr inherit_network to_proc set_stdout_file set_stderr_file set_stdin_file
                  set_mapped_directory start_epoch_interval view].freeze

    attr_reader :counts

    def initialize(seed)
      @random = Random.new(seed)
      @values = Values.new(@random, self)
      @objects = Hash.new { |hash, kind| hash[kind] = [] }
      @counts = Hash.new(0)
      @depth = 0
      found
    end

    def run(steps) = steps.times { step }

    # One object of a kind, or nil.
    def any(kind)
      @values.pick(@objects[kind]) unless @objects[kind].empty?
    end

    # One object of a kind; the step ends where there is none.
    def any!(kind)
      any(kind) || raise(HostError, "there is no #{kind}")
    end

    def any_object
      list = @objects.values.reject(&:empty?)
      @values.pick(@values.pick(list)) unless list.empty?
    end

    # What a program's own code does where nobody expects it: in a host block, or in a conversion.
    def mischief
      return if @depth > 2 || @random.rand(3).zero?

      @depth += 1
      begin
        step
      ensure
        @depth -= 1
      end
    end

    def step
      name = @values.pick(WEIGHTED)
      @counts[name] += 1
      __send__(name)
    rescue *EXPECTED => e
      @counts[e.class.name] += 1
    end

    private

    def found
      @engines = [Wasmtime::Engine.default, Wasmtime::Engine.new(consume_fuel: true, epoch_interruption: true, shared_memory: true)]
      @objects[:engine].concat(@engines)
      @engines.each { |engine| GUESTS.each_value { |wat| keep(:module, Wasmtime::Module.new(engine, wat)) } }
      @modules = @objects[:module].dup
      find_types
      find_components
      make_store
    end

    def keep(kind, object)
      list = @objects[kind]
      list.size < KEPT ? list << object : list[@random.rand(KEPT)] = object
      object
    end

    def chance?(one_in)
      @random.rand(one_in).zero?
    end

    def make_store(engine = @values.pick(@engines))
      wasi = Wasmtime::WasiConfig.new.set_stdout_buffer(+"", 1_000).set_stdin_string("in") if chance?(2)
      store = keep(:store, Wasmtime::Store.new(engine, Object.new, limits: LIMITS, wasi_config: wasi, gvl: @values.pick([nil, :release, :hold])))
      return store unless engine == @engines.last

      store.set_fuel(100_000)
      store.set_epoch_deadline(1_000)
      store.on_epoch_deadline { @values.pick([1, :trap]) } if chance?(2)
      store
    end

    def make_module
      guest = @values.pick(GUESTS.values)
      guest = guest.sub(guest[@random.rand(guest.size), 3], "") if chance?(4)
      keep(:module, Wasmtime::Module.new(@values.pick(@engines), guest))
    end

    def copy_module
      mod = any(:module)
      keep(:module, Wasmtime::Module.deserialize(chance?(8) ? @values.pick(@engines) : mod.engine, mod.serialize))
    end

    def make_linker
      linker = keep(:linker, Wasmtime::Linker.new(@values.pick(@engines)))
      linker.allow_shadowing = true if chance?(2)
      Wasmtime::WASI::P1.add_to_linker_sync(linker) if chance?(3)
      linker.func_new("env", "host", [:i32], [:i32]) { |caller, n| host(caller, n) }
      linker.func_new("env", "object", [:externref], [:externref]) { |caller, object| host(caller, object) }
    end

    def define
      @values.pick([
                     -> { any!(:linker).define(any(:store), "m", "memory", any(:memory)) },
                     -> { any!(:linker).define(any(:store), "m", "add", any(:func)) },
                     -> { any!(:linker).define(any(:store), "m", "tag", any(:tag)) },
                     -> { any!(:linker).instance(any(:store), "m", any(:instance)) },
                     -> { any!(:linker).module(any(:store), "m", any(:module)) },
                     -> { any!(:linker).define_all("env" => { host: ->(n) { host(nil, n) }, object: ->(o) { host(nil, o) } }) },
                     -> { any!(:linker).define_unknown_imports_as_traps(any(:module)) },
                     -> { keep(:linker, any!(:linker).dup) },
                     -> { any!(:linker).alias("env", "host", "env", "other") }
                   ]).call
    end

    # What host blocks do: return, misbehave, raise, throw.
    def host(caller, value)
      keep(:caller, caller) if caller && chance?(3)
      mischief
      case @random.rand(30)
      when 0 then raise HostError, "a host block's own"
      when 1 then @values.anything
      when 2 then throw :nobody
      when 3 then GC.start
      when 4, 5, 6 then raise thrown
      else value
      end
    end

    def imports(store)
      { "env" => { host: ->(n) { host(nil, n) }, object: Wasmtime::Func.new(store, [:externref], [:externref]) { |caller, o| host(caller, o) } },
        "m" => { memory: any(:memory), add: any(:func), tag: any(:tag) } }
    end

    def make_instance
      store = any!(:store)
      fitting = @modules.select { |mod| mod.engine == @engines.first }
      mod = chance?(5) ? any(:module) : @values.pick(fitting)
      instance = @values.pick([
                                -> { Wasmtime::Instance.new(store, mod, imports(store)) },
                                -> { any!(:linker).instantiate(store, mod, timeout: 1) },
                                -> { keep(:instance_pre, any!(:linker).instantiate_pre(mod)).instantiate(store) },
                                -> { any!(:instance_pre).instantiate(store) }
                              ]).call
      keep(:instance, instance).exports.each_value { |item| keep(item.class.name[/\w+\z/].downcase.to_sym, item) }
    end

    def make_item
      store = any!(:store)
      @values.pick([
                     -> { keep(:memory, Wasmtime::Memory.new(store, min_size: @random.rand(3), max_size: 10)) },
                     -> { keep(:table, Wasmtime::Table.new(store, :externref, @values.anything, min_size: @random.rand(5), max_size: 100)) },
                     -> { keep(:global, Wasmtime::Global.var(store, :externref, @values.anything)) },
                     -> { keep(:global, Wasmtime::Global.const(store, :i64, @values.anything)) },
                     -> { keep(:func, Wasmtime::Func.new(store, [:i32], [:i32]) { |caller, n| host(caller, n) }) }
                   ]).call
    end

    def call
      func = any!(:func)
      keep_references(func.call(*@values.for_types(func.params), timeout: 0.004, gvl: @values.pick([nil, nil, :release, :hold])))
    end

    def invoke
      instance = any!(:instance)
      name, item = instance.exports.to_a.sample(random: @random)
      return if name == "loop"
      return instance.invoke(name) unless item.is_a?(Wasmtime::Func)

      arguments = item.params.map { |type| @values.for_type(type) }
      keep_references(chance?(2) ? instance.invoke(name, *arguments) : instance.functions.__send__(name, *arguments))
    rescue Wasmtime::WasmException => e
      keep(:exception, e)
      raise
    end

    def keep_references(results)
      [*results].each do |result|
        keep(:reference, result) if Wasmtime::Reference === result
        keep(:func, result) if Wasmtime::Func === result
      end
    end

    # Any public method of any object, with whatever there is.
    def disturb
      receiver = any_object
      name = @values.pick(methods_of(receiver.class))
      arity = receiver.method(name).arity
      count = arity.negative? ? -arity - 1 + @random.rand(3) : arity
      count = @random.rand(4) if chance?(20)
      arguments = Array.new(count) { @values.anything }
      return if endless?(receiver, name, arguments)

      result = receiver.public_send(name, *arguments) { |*given| host(nil, given.first) }
      keep_references([result])
    end

    def methods_of(klass)
      @methods ||= {}
      @methods[klass] ||= klass.ancestors.grep(Module).select { |mod| mod.name.to_s.start_with?("Wasmtime") }
                               .flat_map { |mod| mod.public_instance_methods(false) }.reject { |name| left_out?(klass, name) }
    end

    # Native methods take anything; what begins with an underscore in lib/ is called by lib/ alone.
    def left_out?(klass, name)
      LEFT_OUT.include?(name) || (name.start_with?("_") && klass.instance_method(name).source_location)
    end

    # A guest without end is called with a timeout only, and limits stay.
    def endless?(receiver, name, arguments)
      case name
      when :call, :call_run then [Wasmtime::Func, Wasmtime::Component::Func].any? { |kind| kind === receiver }
      when :invoke then %w[loop forever].include?(arguments.first.to_s)
      when :set_fuel then arguments.first.is_a?(Integer) && arguments.first > 1_000_000
      else name == :set_limits
      end
    end

    def view
      any!(:memory).view { |buffer| host(nil, buffer.size) }
    end

    def collect
      @values.pick([-> { GC.start }, -> { GC.compact }, -> { any!(:store).gc }, -> { GC.start(full_mark: false) }]).call
    end

    def close
      any!(:store).close
    end

    def drop
      list = @objects.values.reject(&:empty?).sample(random: @random)
      return if list.equal?(@objects[:engine]) || list.equal?(@objects[:module]) || list.equal?(@objects[:component])

      list.delete_at(@random.rand(list.size))
    end

    def thread
      work = -> { @values.pick([method(:call), method(:invoke), method(:disturb), method(:make_instance), method(:component_call)]).call }
      Thread.new do
        work.call
      rescue *EXPECTED
        nil
      end.join(5) or raise "a thread did not end"
    end

    def fiber
      fiber = Fiber.new do
        func = Wasmtime::Func.new(any!(:store), [], []) { Fiber.yield }
        func.call
      rescue *EXPECTED
        nil
      end
      fiber.resume
      call if chance?(2)
    rescue *EXPECTED
      nil
    ensure
      fiber.resume while fiber&.alive?
    end

    def interrupted
      Timeout.timeout(0.01) { call }
    end

    def epoch
      @engines.last.increment_epoch
    end

    WEIGHTED = { make_store: 6, make_module: 2, copy_module: 1, make_linker: 3, define: 4, make_instance: 12, make_item: 8, call: 25, invoke: 15,
                 disturb: 50, view: 2, collect: 2, close: 2, drop: 5, thread: 2, fiber: 2, interrupted: 1, epoch: 1,
                 **References::STEPS, **Components::STEPS }
               .flat_map { |name, weight| [name] * weight }.freeze
  end
end
