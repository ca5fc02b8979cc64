# frozen_string_literal: true

module Wasmtime
  module Component
    # Prints types as WIT. What a scope gives a name is printed by it.
    # @api private
    class Wit
      # Words that cannot be names without a `%`.
      KEYWORDS = %w[
        _ as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include interface list map option
        own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world
      ].freeze

      class << self
        # @return [String] a name as WIT writes it
        def id(name)
          KEYWORDS.include?(name) ? "%#{name}" : name
        end

        # @return [Array<String>] lines between braces
        def block(head, lines)
          lines.empty? ? ["#{head} {}"] : ["#{head} {", *lines.map { |line| "  #{line}" }, "}"]
        end

        # @return [Wit] one that knows the names an interface or a world gives
        def of(items)
          new.inside(items)
        end
      end

      # @param names [Hash] what types and resources are called here
      # @param homes [Hash{ResourceType => Array(String, String)}] the interface that defined a resource, and its name there
      # @param numbers [Hash{ResourceType => Integer}] resources that nobody gave a name
      def initialize(names = {}, homes = {}, numbers = {})
        @names = names
        @homes = homes
        @numbers = numbers
      end

      # @return [Wit] for the inside of an interface or a world; names of the outside do not count there
      def inside(*items)
        Wit.new(names_in(items.flat_map(&:to_a)), @homes, @numbers)
      end

      # @param type [Symbol, Type]
      # @return [String] how it is referred to
      def type(type)
        return type.name.tr("_", "-") if type.is_a?(Symbol)

        name = @names[type]
        name ? Wit.id(name) : type._wit(self)
      end

      # @return [String] how a resource is referred to
      def resource(resource)
        name = @names[resource] || @homes[resource]&.last
        name ? Wit.id(name) : "resource-#{@numbers[resource] ||= @numbers.size + 1}"
      end

      # @return [String] parameters and result
      def signature(params, result)
        "(#{params.map { |name, type| "#{Wit.id(name)}: #{type(type)}" }.join(', ')})#{" -> #{type(result)}" if result}"
      end

      # @param head [String] what stands before the brace
      # @param items [Hash] what the interface exports
      # @param name [String, nil] what it is called in the world that is printed
      # @return [Array<String>]
      def interface(head, items, name = nil)
        lines = inside(items).items(items)
        items.each { |key, item| @homes[item] ||= [name, key] if name && Type._resource?(item) }
        Wit.block(head, lines)
      end

      # @return [Array<String>]
      def world(head, imports, exports)
        inner = inside(imports, exports)
        Wit.block(head, inner.items(imports, "import ") + inner.items(exports, "export "))
      end

      # @param items [Hash] what an interface exports, or a world imports or exports
      # @param verb [String] what a world does with them
      # @return [Array<String>]
      def items(items, verb = "")
        owners = items.keys.group_by { |name| FunctionName.parse(name)&.resource }
        owned, plain = items.partition { |name, _| items.key?(FunctionName.parse(name)&.resource) }
        members = owned.to_h
        plain.flat_map { |name, item| item(name, item, verb, members.slice(*owners[name])) }
      end

      private

      def names_in(items)
        items.each_with_object({}) { |(name, item), names| names[item] ||= name if nameable?(item) }
      end

      def nameable?(item)
        item.is_a?(Type) ? item._value? : Type._resource?(item)
      end

      def item(name, item, verb, members)
        case item
        when InstanceType then interface("#{verb}#{Wit.id(name)}: interface", item.exports, name)
        when ComponentType then world("#{verb}#{Wit.id(name)}: component", item.imports, item.exports)
        when FuncType, ModuleType, Wasmtime::ExternType then ["#{verb}#{Wit.id(name)}: #{item.is_a?(FuncType) ? item._wit(self) : item};"]
        else definition(name, item, verb, members)
        end
      end

      # A world has no verb for the types it imports or uses.
      def definition(name, item, verb, members)
        first, *more = Type._resource?(item) ? resource_lines(name, item, members) : type_lines(name, item)
        ["#{verb unless verb == 'import ' || first.start_with?('use ')}#{first}", *more]
      end

      def type_lines(name, type)
        known = @names[type]
        return ["type #{Wit.id(name)} = #{type(type)};"] if type.is_a?(Symbol) || known != name

        type._definition(Wit.id(name), self)
      end

      def resource_lines(name, resource, members)
        known = @names[resource]
        return ["type #{Wit.id(name)} = #{Wit.id(known)};"] if known != name && members.empty?
        return [used(name, *@homes[resource])] if @homes.key?(resource) && members.empty?

        lines = members.map { |member, func| "#{member_head(FunctionName.parse(member), func)};" }
        lines.empty? ? ["resource #{Wit.id(name)};"] : Wit.block("resource #{Wit.id(name)}", lines)
      end

      def used(name, interface, original)
        "use #{interface}.{#{Wit.id(original)}#{" as #{Wit.id(name)}" unless name == original}};"
      end

      # A method's `self` and what a constructor makes go without saying.
      def member_head(member, func)
        async = "async " if func.async?
        case member.kind
        when :constructor then "constructor#{signature(func.params, func.result.is_a?(OwnType) ? nil : func.result)}"
        when :static then "#{Wit.id(member.name)}: static #{async}func#{signature(func.params, func.result)}"
        when :method then "#{Wit.id(member.name)}: #{async}func#{signature(func.params.drop(1), func.result)}"
        end
      end
    end
    private_constant :Wit
  end
end
