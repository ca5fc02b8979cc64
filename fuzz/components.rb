# frozen_string_literal: true

require_relative "../spec/support/resource_guests"

module Fuzz
  # The steps of a {World} that are about components: linkers, instances, functions and resources.
  module Components
    # How often each comes, beside the others.
    STEPS = { make_component_linker: 3, make_component_instance: 8, component_call: 20, use_resource: 14 }.freeze
    # Functions that wait for something, or for nothing.
    GUESTS = {
      echo: File.read(File.expand_path("../bench/echo.wat", __dir__)),
      counters: ResourceGuests::COUNTERS,
      files: ResourceGuests::USER,
      looping: '(component (core module $m (func (export "f") (loop $l (br $l))) (func (export "t") unreachable)) (core instance $i (instantiate $m))
                 (func (export "forever") (canon lift (core func $i "f"))) (func (export "trap") (canon lift (core func $i "t"))))'
    }.freeze

    private

    def find_components
      @engines.each { |engine| GUESTS.each_value { |wat| keep(:component, Wasmtime::Component::Component.new(engine, wat)) } }
      @components = @objects[:component].dup
    end

    def make_component_linker
      linker = keep(:component_linker, Wasmtime::Component::Linker.new(@values.pick(@engines), bytes: @values.pick([nil, :string])))
      linker.allow_shadowing = true if chance?(2)
      Wasmtime::WASI::P2.add_to_linker_sync(linker) if chance?(3)
      chance?(3) ? linker.define_all(ResourceGuests::FILES => files) : define_files(linker)
    end

    # The host's resource, whose objects may be anything.
    def files
      { "[constructor]file" => ->(id) { host(nil, id) }, "[method]file.id" => ->(file) { host(nil, number_of(file)) },
        "take" => ->(file) { host(nil, number_of(file)) } }
    end

    def define_files(linker)
      linker.instance(ResourceGuests::FILES) do |instance|
        instance.resource("file", @values.pick([Object, Integer])) { |file| host(nil, file) }
        files.each { |name, callable| instance.func_new(name, &callable) }
      end
    end

    def number_of(object)
      Integer === object ? object & 0xffff : 0
    end

    def make_component_instance
      linker = any!(:component_linker)
      fitting = @components.select { |component| component.engine == linker.engine }
      component = chance?(8) ? any!(:component) : @values.pick(fitting)
      instance = keep(:component_instance, linker.instantiate(any!(:store), component, timeout: 1))
      instance.exports.each_key { |name| instance[name]&.then { |item| keep(:component_func, item) if Wasmtime::Component::Func === item } }
    end

    def component_call
      func = any!(:component_func)
      result = func.call(*func.params.values.map { |type| component_value(type) }, timeout: 0.004, gvl: @values.pick([nil, nil, :release, :hold]))
      [*result].each { |one| keep(:resource, one) if Wasmtime::Component::Resource === one }
    end

    # A value for a WIT type, wrong now and then.
    def component_value(type)
      return @values.anything if chance?(15)

      case type
      when :string then @values.pick(Values::TEXTS)
      when Wasmtime::Component::ListType then chance?(2) ? @random.bytes(@random.rand(2_000)) : Array.new(@random.rand(20)) { @random.rand(256) }
      when Wasmtime::Component::RecordType then type.fields.transform_values { |field| component_value(field) }
      when Wasmtime::Component::OwnType, Wasmtime::Component::BorrowType then chance?(4) ? @values.anything : any(:resource)
      else @values.number
      end
    end

    def use_resource
      resource = any!(:resource)
      case @random.rand(7)
      when 0 then resource.value
      when 1 then resource.add_and_get(component_value(:s32))
      when 2 then chance?(2) ? resource.close : resource.resource_drop
      when 3 then resource.closed? || raise(HostError, "still open")
      when 4 then resource.inspect.start_with?("#<") || raise("does not inspect")
      when 5 then resource.type == any!(:resource).type
      else chance?(2) ? resource.fail(1) : resource.owned?
      end
    end
  end
end
