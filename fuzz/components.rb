# frozen_string_literal: true

require_relative "../spec/support/component_guests"
require_relative "../spec/support/shape_guests"
require_relative "component_calls"
require_relative "wit"

module Fuzz
  # The steps of a {World} that make components, linkers and instances.
  module Components
    include ComponentCalls

    # How often each comes, beside the others.
    STEPS = { make_component: 2, make_component_linker: 4, define_component: 5, make_component_instance: 10, **ComponentCalls::STEPS }.freeze
    # Functions that give back what they are given; resources of the guest's and of the host's, instances within instances, and what never ends.
    GUESTS = {
      echo: File.read(File.expand_path("../bench/echo.wat", __dir__)).sub('"memory") 64', '"memory") 4'),
      counters: ResourceGuests::COUNTERS,
      interface: ResourceGuests::COUNTERS_INTERFACE,
      files: ResourceGuests::USER,
      shapes: ShapeGuests::GUEST
    }.freeze
    # What gives back its only argument, without a host block.
    ECHOING = /\A(?:id-|same\z)/

    private

    def find_components
      @wit = Wit.new(@random, maps: false) { chance?(4) ? @values.anything : resource_of(@callee) }
      @engines.each do |engine|
        GUESTS.each_value { |wat| keep(:component, Wasmtime::Component::Component.new(engine, wat)) }
        keep(:component, Wasmtime::Component::Component.new(engine, ComponentGuests.echo(@wit.desc(2))))
      end
      @components = @objects[:component].dup
      @ledger = %i[counters files].map { |name| @components[GUESTS.keys.index(name)] }
    end

    # A text without some of it, one of a type of its own, or a copy.
    def make_component
      guest = @values.pick(GUESTS.values)
      keep(:component, case @random.rand(3)
                       when 0 then Wasmtime::Component::Component.new(@values.pick(@engines), guest.sub(guest[@random.rand(guest.size), 3], ""))
                       when 1 then Wasmtime::Component::Component.new(@values.pick(@engines), ComponentGuests.echo(@wit.desc(2)))
                       else copy_component(any!(:component))
                       end)
    end

    def copy_component(component)
      Wasmtime::Component::Component.deserialize(chance?(8) ? @values.pick(@engines) : component.engine, component.serialize)
    end

    def make_component_linker
      linker = keep(:component_linker, Wasmtime::Component::Linker.new(@values.pick(@engines), bytes: @values.pick([nil, :string])))
      linker.allow_shadowing = true if chance?(2)
      Wasmtime::WASI::P2.add_to_linker_sync(linker) if chance?(3)
      linker.root { |root| root.func_new("host") { |value| host(nil, value) } } unless chance?(5)
      chance?(3) ? linker.define_all(ResourceGuests::FILES => files.merge("file" => Object)) : define_files(linker)
    end

    # The host's resource, whose objects may be anything.
    def files
      { "[constructor]file" => ->(id) { host(nil, id) }, "[method]file.id" => ->(file) { host(nil, number_of(file)) },
        "take" => ->(file) { host(nil, number_of(file)) } }
    end

    def define_files(linker)
      linker.instance(ResourceGuests::FILES) do |instance|
        instance.resource("file", @values.pick([Object, Integer, ->(object) { mischief || object }])) { |file| host(nil, file) }
        files.each { |name, callable| instance.func_new(name, &callable) }
      end
    end

    def number_of(object)
      Integer === object ? object & 0xffff : 0
    end

    def define_component
      linker = any!(:component_linker)
      @values.pick([
                     -> { linker.define_all(ResourceGuests::FILES => @values.anything) },
                     -> { linker.define_all("host" => ->(value) { host(nil, value) }, @values.anything => @values.anything) },
                     -> { linker.define_unknown_imports_as_traps(any!(:component)) },
                     -> { linker.root { |root| keep(:linker_instance, root).module("code", any!(:module)) } },
                     -> { linker.instance(@values.pick(ComponentCalls::NAMES)) { |instance| define_within(instance) } },
                     -> { linker.root { mischief } }
                   ]).call
    end

    # Of use inside of its block only: it is used afterwards, too.
    def define_within(instance)
      keep(:linker_instance, instance)
      mischief
      instance.instance("inner") { |inner| inner.func_new("f") { |value| host(nil, value) } }
      instance.resource("r", @values.anything) { |object| host(nil, object) }
    end

    # Often in a store of its own, because a trap makes all components of a store unusable.
    def make_component_instance
      linker = any!(:component_linker)
      fitting = @components.select { |component| component.engine == linker.engine }
      component = chance?(8) ? any!(:component) : @values.pick(fitting)
      store = chance?(4) ? any!(:store) : make_store(linker.engine)
      find_exports(keep(:component_instance, linker.instantiate(store, component, timeout: 1)))
    end

    def find_exports(scope)
      scope.exports.each_key do |name|
        case item = scope[name]
        when Wasmtime::Component::Func
          keep(name == "forever" ? :endless : :component_func, item)
          keep(:component_echo, item) if name.match?(ECHOING)
        when Wasmtime::Component::ExportedInstance then find_exports(keep(:component_scope, item))
        when Wasmtime::Component::ResourceClass then keep(:component_scope, item)
        end
      end
    end
  end
end
