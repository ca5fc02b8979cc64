# frozen_string_literal: true

module Wasmtime
  module Component
    # A resource that a component exports, seen as a class: `new` calls its constructor, its static functions are methods.
    #
    # @example
    #   codec = instance["numcodecs:abc/codec"]["codec"].new('{"level": 9}')
    #   codec.encode(data)
    #   codec.close
    class ResourceClass
      # @return [String] its name in WIT
      attr_reader :name
      # @return [ResourceType] the type of its objects
      attr_reader :type

      # @api private
      # @param scope [Instance, ExportedInstance] where it is exported
      # @param name [String]
      # @return [void]
      def initialize(scope, name)
        @scope = scope
        @name = name
        @type = scope.get_resource(name)
      end

      # Calls the constructor.
      # @param args [Array<Object>] one value for each parameter
      # @param keywords [Hash{Symbol => Object}] as {Func#call}
      # @return [Resource] or what the constructor gives
      # @raise [NoMethodError] when WIT declares no constructor; and as {Func#call}
      def new(*args, **keywords)
        constructor = @scope["[constructor]#{name}"]
        raise NoMethodError.new("the resource #{name} has no constructor", :new) unless constructor

        constructor.call(*args, **keywords)
      end

      # @param object [Object]
      # @return [Boolean] whether an object is one of this resource
      def ===(object)
        object.is_a?(Resource) && object.type == type
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::ResourceClass #{name}>"
      end

      # A method of its objects.
      # @api private
      # @return [Func, nil]
      def _method(name)
        _member("method", name)
      end

      # @api private
      # @return [Array<Symbol>] the methods of its objects
      def _method_names
        prefix = "[method]#{name}."
        @scope.exports.keys.filter_map { |key| key.delete_prefix(prefix).tr("-", "_").to_sym if key.start_with?(prefix) }
      end

      private

      def _member(kind, name)
        prefix = "[#{kind}]#{self.name}."
        @scope["#{prefix}#{name}"] || @scope["#{prefix}#{name.name.tr('_', '-')}"]
      end

      def method_missing(name, *args, **keywords)
        func = _member("static", name)
        func ? func.call(*args, **keywords) : super
      end

      def respond_to_missing?(name, _all)
        !_member("static", name).nil?
      end
    end
  end
end
