# frozen_string_literal: true

require_relative "../spec/support/resource_guests"
require_relative "../spec/support/shape_guests"
require_relative "ledger"

module Fuzz
  # The steps of a {World} that use what components export: functions, resources, types.
  module ComponentCalls
    # How often each comes, beside the others.
    STEPS = { component_call: 20, component_echo: 10, component_lookup: 8, use_resource: 14, use_wit_type: 3, component_interrupted: 1,
              keep_books: 1 }.freeze
    # Names that lead somewhere, and some that do not.
    NAMES = (%w[id-bytes forever trap outer inner get_distance get-distance counter [constructor]counter code nothing same test:guest/my-many
                test:guest/my-many@2.0.0] + ["", "a\0b", :drops, ResourceGuests::INTERFACE, ShapeGuests::INTERFACE]).freeze

    private

    def component_call
      func = @callee = any!(:component_func)
      arguments = func.params.values.map { |type| component_value(type) }
      keep_resources(func.call(*arguments, timeout: 0.004, gvl: @values.pick([nil, nil, :release, :hold])))
    end

    # One that the function may take, if there is one.
    def resource_of(func)
      @objects[:resource].select { |one| one.store.equal?(func&.store) }.sample(random: @random) || any(:resource)
    end

    def keep_resources(result)
      result = result.deconstruct if Wasmtime::Component::Result === result
      [*result].each { |one| keep(:resource, one) if Wasmtime::Component::Resource === one }
    end

    # A value for a WIT type, wrong now and then.
    def component_value(type)
      return @values.anything if chance?(15)
      return @random.bytes(@random.rand(2_000)) if chance?(4) && type.is_a?(Wasmtime::Component::ListType)

      @wit.value(type)
    end

    # What is given comes back as it is.
    def component_echo
      func = any!(:component_echo)
      value = @wit.value(func.result)
      back = func.with(bytes: :array).call(value, timeout: 1)
      raise "#{func.inspect} made #{back.inspect} of #{value.inspect}" unless back.inspect == value.inspect
    end

    def component_lookup
      scope = @values.pick([any!(:component_instance), any(:component_scope)].grep(Wasmtime::Component::Exports))
      path = @values.pick([-> { @values.pick(NAMES) }, -> { Array.new(@random.rand(4)) { @values.pick(NAMES) } }, -> { any!(:export_index) },
                           -> { [any!(:export_index), @values.pick(NAMES)] }]).call
      @values.pick([
                     -> { scope.get_export_index(path)&.then { |index| keep(:export_index, index) } },
                     -> { any!(:component).get_export_index(path)&.then { |index| keep(:export_index, index) } },
                     -> { scope.get_func(path, bytes: :string)&.then { |func| keep(:component_func, func) } },
                     -> { scope.get_resource(path) },
                     -> { keep_resources(scope.invoke(path, *Array.new(@random.rand(3)) { @values.anything }, timeout: 0.004)) }
                   ]).call
    end

    def use_resource
      resource = any!(:resource)
      case @random.rand(8)
      when 0 then answering(resource, :value).value
      when 1 then answering(resource, :add_and_get).add_and_get(component_value(:s32))
      when 2 then chance?(2) ? resource.close : resource.resource_drop
      when 3 then resource.closed? || raise(HostError, "still open")
      when 4 then resource.inspect.start_with?("#<") || raise("does not inspect")
      when 5 then resource.type == any!(:resource).type
      when 6 then use_class(any!(:component_scope), resource)
      else chance?(3) ? answering(resource, :fail).fail(1) : resource.owned?
      end
    end

    # The resource as a class, as an instance exports it.
    def use_class(klass, resource)
      raise HostError, "no class" unless klass.is_a?(Wasmtime::Component::ResourceClass)

      case @random.rand(4)
      when 0 then klass === resource
      when 1 then klass.merge(resource, any!(:resource)).then { |one| keep_resources(one) }
      else keep_resources(klass.new(component_value(:s32)))
      end
    end

    def use_wit_type
      type = @values.pick([any!(:component).type, any!(:component_func).type])
      raise "a type that does not print" unless type.to_s.valid_encoding? && type.inspect.start_with?("#<Wasmtime::Component::")
      raise "a type that is not its own equal" unless type == type.dup && type.hash == type.dup.hash
    end

    def component_interrupted
      Timeout.timeout(0.01) { chance?(2) ? component_call : any!(:endless).call }
    end

    def keep_books
      Ledger.new(@random, @ledger).run(@random.rand(60))
    end
  end
end
