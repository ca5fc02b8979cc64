# frozen_string_literal: true

module Wasmtime
  module Component
    # Answers a WIT interface from what a program gave: a Hash of names, or a plain Ruby object whose public methods have the names, in snake_case.
    # A Class under the name of a resource answers its functions: `[constructor]` is `new`, a `[method]` is a method of the object it is called on,
    # a `[static]` one of the class. A Hash may also have a callable under such a name as WIT has it.
    # @api private
    class HostInterface
      # What a function is called with, and what it takes.
      Entry = Struct.new(:callable, :parameters)
      ANYTHING = [[:rest]].freeze

      class << self
        # One name for what WIT writes as `get-URL` and Ruby as `get_url`. WIT lets no two names of an interface differ by case alone.
        def canonical(name)
          Wasmtime._name(name).tr("_", "-").downcase
        end

        # Whether every object, module or class has a method, be it from what a library has mixed into Object: none of them answers an interface.
        def basic?(method)
          Object.singleton_class.ancestors.include?(method.owner)
        end

        # @return [Array<String>] the names of the public methods that are an object's own
        def methods_of(object)
          object.public_methods.reject { |name| basic?(object.public_method(name)) }.map { |name| name.name.tr("_", "-") }
        end

        # @return [Array<String>] the names of the public methods that the instances of a class have for themselves
        def instance_methods_of(klass)
          own = klass.public_instance_methods.reject { |name| basic?(klass.instance_method(name)) }
          own.map { |name| name.name.tr("_", "-") }
        end
      end

      # @param implementations [Array<Hash, Object>] a later one comes before the earlier ones
      def initialize(*implementations)
        @sources = implementations.reverse.map { |given| given.respond_to?(:to_hash) ? normalize(given.to_hash) : given }
      end

      # @param name [String] as in WIT
      # @return [Object, nil] what was given under the name, whatever it is
      def find(name)
        @sources.each do |source|
          found = source.is_a?(Hash) ? source[self.class.canonical(name)]&.last : own_method(source, name)
          return found unless found.nil?
        end
        nil
      end

      # @param name [String] of an interface within
      # @return [HostInterface, nil] nil when nothing was given for it
      def interface(name)
        found = find(name)
        HostInterface.new(found) unless found.nil?
      end

      # @param name [String] as in WIT
      # @return [Proc, nil] what to call
      def function(name)
        entry(name)&.callable
      end

      # @param name [String] as in WIT
      # @return [Array<Array>, nil] the parameters of what is called, as Proc#parameters; a `[method]` has its object first
      def parameters(name)
        entry(name)&.parameters
      end

      # @param name [String] of a resource
      # @return [Class, nil] what its objects are; Object when only its functions are given
      def resource(name)
        found = find(name)
        return found if found.is_a?(::Class)

        Object if found.nil? && names.any? { |other| same?(FunctionName.parse(other)&.resource, name) }
      end

      # Every name it could answer, for "did you mean".
      # @return [Array<String>] as in WIT
      def names
        @sources.flat_map do |source|
          source.is_a?(Hash) ? source.values.flat_map { |name, item| [name, *member_names(name, item)] } : self.class.methods_of(source)
        end.uniq
      end

      private

      def normalize(given)
        given.to_h { |name, item| [self.class.canonical(name), [Wasmtime._name(name).tr("_", "-"), item]] }
      end

      def same?(one, other)
        !one.nil? && self.class.canonical(one) == self.class.canonical(other)
      end

      def entry(name)
        found = find(name)
        return callable_entry(found) unless found.nil?

        member = FunctionName.parse(name)
        klass = member && find(member.resource)
        member_entry(klass, member) if klass.is_a?(::Class)
      end

      def callable_entry(found)
        callable = Imports.to_proc(found)
        callable && Entry.new(callable, callable.lambda? ? callable.parameters : ANYTHING)
      end

      def member_entry(klass, member)
        case member.kind
        when :constructor then Entry.new(klass.method(:new).to_proc, constructor_parameters(klass))
        when :static then own_method(klass, member.name)&.then { |method| callable_entry(method) }
        when :method then instance_entry(klass, member.name)
        end
      end

      def constructor_parameters(klass)
        made = klass.method(:new)
        made.owner == ::Class ? klass.instance_method(:initialize).parameters : made.parameters
      end

      # The object itself finds the method: a subclass may have its own.
      def instance_entry(klass, wit_name)
        name = ruby_names(wit_name).find { |one| klass.public_method_defined?(one) && !self.class.basic?(klass.instance_method(one)) }
        name && Entry.new(->(object, *args) { object.public_send(name, *args) }, [%i[req self], *klass.instance_method(name).parameters])
      end

      def own_method(object, wit_name)
        ruby_names(wit_name).each do |name|
          next unless object.respond_to?(name)

          method = object.public_method(name)
          return method unless self.class.basic?(method)
        end
        nil
      end

      def ruby_names(wit_name)
        name = wit_name.tr("-", "_")
        [name, name.downcase].uniq
      end

      def member_names(resource, item)
        return [] unless item.is_a?(::Class)

        ["[constructor]#{resource}", *self.class.instance_methods_of(item).map { |name| "[method]#{resource}.#{name}" },
         *self.class.methods_of(item).map { |name| "[static]#{resource}.#{name}" }]
      end
    end
    private_constant :HostInterface
  end
end
