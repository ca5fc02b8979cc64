# frozen_string_literal: true

module Wasmtime
  module Component
    # Definitions that resolve a component's imports.
    #
    # @example
    #   linker = Wasmtime::Component::Linker.new(engine)
    #   linker.root { |root| root.func_new("log") { |text| puts text } }
    #   instance = linker.instantiate(store, component)
    class Linker
      WASI_P2 = %r{\Awasi:(?:cli|clocks|filesystem|io|random|sockets)/[^@]+@0\.2\.}
      WASI_HTTP = %r{\Awasi:http/[^@]+@0\.2\.}
      private_constant :WASI_P2, :WASI_HTTP

      # @param engine [Engine]
      # @param bytes [:string, :array, nil] whether host functions are given `list<u8>`, and functions of its instances give it, as binary Strings
      #   or as Arrays, unless they say otherwise; nil is Arrays
      # @return [Linker]
      # @raise [ArgumentError] for any other `bytes:`
      def self.new(engine = Engine.default, bytes: nil)
        strings = Func._bytes?(bytes)
        _new(engine).tap { |linker| linker.__send__(:_setup, strings) }
      end
      private_class_method :_new

      # @!method engine
      #   @return [Engine] the engine it was made with

      # Sets whether a later definition may replace an earlier one.
      # @param allow [Boolean]
      # @return [Boolean]
      def allow_shadowing=(allow)
        self._allow_shadowing = allow
        @shadows = allow ? true : false
      end

      # Opens the root, for definitions without an interface.
      # @yieldparam root [LinkerInstance]
      # @return [self]
      # @raise [ArgumentError] without a block
      # @raise [Error] "Linker is not reentrant" inside of another block
      def root(&)
        _open([], &)
      end

      # Opens an instance at the root: an interface.
      # @param name [String, Symbol] such as "wasi:logging/logging"
      # @yieldparam instance [LinkerInstance]
      # @return [self]
      # @raise [ArgumentError] without a block
      # @raise [Error] "Linker is not reentrant" inside of another block, or when the name is taken by a function
      def instance(name, &block)
        raise ArgumentError, "no block given" unless block

        root { |root| root.instance(name, &block) }
      end

      # Defines whole interfaces. What a component wants of them is looked up when it is instantiated, so versions may be left out.
      #
      # @param imports [Hash{String, Symbol => Object}] by name of the interface, or of a function at the root: a callable; a Hash of names and
      #   callables; or an object whose public methods answer the names, with underscores for hyphens. Resources are given as classes.
      # @return [self]
      # @raise [TypeError] for what is no Hash
      # @raise [Error] for a name that an instance was linked with already, unless shadowing is allowed
      # @example
      #   linker.define_all("wasi:logging/logging" => { log: ->(level, context, message) { puts message } })
      #   linker.define_all("test:host/clock" => Clock.new)
      def define_all(imports)
        given = [*@given, imports]
        @host_imports = HostImports.new(*given)
        _replace(imports.to_hash.keys.map { |name| Wasmtime._name(name) })
        @given = given
        self
      end

      # Makes functions that a component imports and nobody has defined trap when they are called: what this component imports, and under the
      # names that it has now.
      # @param component [Component]
      # @return [nil]
      # @raise [Error] for a component of another engine, and for core modules among what is missing
      def define_unknown_imports_as_traps(component)
        Wasmtime._check(component, Component)
        _check_component(component)
        _define_given(component)
        _define_unknown_imports_as_traps(component)
        _linked(component)
        nil
      end

      # Instantiates a component.
      # @param store [Store]
      # @param component [Component]
      # @param options [Hash{Symbol => Object}] `timeout:` (seconds it may take) and `gvl:`, as {Func#call}
      # @return [Instance]
      # @raise [LinkError] listing every import that is missing or is something else, with its type in WIT
      # @raise [Error] for a store or a component of another engine, and a store without the WASI that the linker has
      # @raise [Trap] when the component traps on the way
      # @raise [StoreError] when the store is closed or busy
      def instantiate(store, component, **options)
        Wasmtime._check(store, Store)
        Wasmtime._check(component, Component)
        return CallOptions.apply(store, options) { instantiate(store, component) } unless options.empty?

        _prepare(component)
        _instantiate(store, component).tap do |instance|
          instance.__send__(:_setup, @bytes)
          store.__send__(:_keep_instance, instance)
        end
      rescue Error => e
        raise unless e.instance_of?(Error) && e.message.start_with?("component imports")

        raise _report(component.imports).error(e.message)
      end

      # @return [String] what it is, to be read by people
      def inspect
        names = @definitions.fetch([], {}).keys
        "#<Wasmtime::Component::Linker#{" #{names.join(', ')}" unless names.empty?}>"
      end

      # @api private
      def _bytes?
        @bytes
      end

      # Remembers what was defined where.
      # @api private
      def _defined(path, name, kind)
        (@definitions[path] ||= {})[name] = kind
      end

      private

      def _setup(bytes)
        @bytes = bytes
        @definitions = {}
        @given = []
        @host_imports = HostImports.new
        @shadows = false
        # The names given to define_all that components were linked with.
        @applied = []
        # Components whose imports are all there, by object_id, which Ruby gives once. A WeakMap of Ruby 3.1 leaves a finalizer on its keys for good.
        @linked = {}
      end

      def _prepare(component)
        id = component.object_id
        return if @linked.key?(id)

        _check_component(component)
        # First: what is given is looked at as long as it is not defined.
        report = _report(component.imports)
        raise report.error unless report.complaints.empty?

        _define_given(component)
        _linked(component)
      end

      def _linked(component)
        id = component.object_id
        @linked[id] = true
      end

      # What was linked already is defined anew, where that is allowed.
      def _replace(names)
        taken = names & @applied
        return if taken.empty?
        raise Error, "#{taken.first.inspect} was linked already: give it before the first component, or allow shadowing" unless @shadows

        @definitions.fetch([], {}).delete_if { |name, _kind| HostImports.match(taken, name) }
        @definitions.delete_if { |path, _members| !path.empty? && HostImports.match(taken, path.first) }
        @linked = {}
      end

      def _report(imports)
        ImportReport.new(imports, @host_imports) { |path| _defined?(path) }
      end

      # Whether the linker has something, or WASI does, which takes any version it can serve. An interface may be there in part.
      def _defined?(path)
        wasi = _wasi.zip([WASI_P2, WASI_HTTP]).any? { |added, pattern| added && path.first.match?(pattern) }
        return true if wasi

        *scope, name = _actual(path)
        kind = @definitions.fetch(scope, {})[name]
        !kind.nil? && kind != :instance
      end

      # Where Wasmtime looks: the last of the compatible versions of an interface answers the others, one without a version does not.
      def _actual(path)
        name, *rest = path
        names = @definitions.fetch([], {}).filter_map { |key, kind| key if kind == :instance && key[/\A[^@]*@?/] == name[/\A[^@]*@?/] }
        last_first = names.sort_by { |key| key[/@.*/].to_s.scan(/\d+/).map(&:to_i) }.reverse
        [HostImports.match(last_first, name) || name, *rest]
      end

      # Defines what {#define_all} was given of what a component wants.
      def _define_given(component)
        return if @given.empty?

        _define_members([], component.imports, @host_imports.root, [])
        @applied = @host_imports.names
      end

      # An interface may use a resource of an earlier one: that is the same resource, and not to be defined again.
      def _define_members(path, types, host, seen)
        types.each do |name, type|
          here = [*path, name]
          used = type.is_a?(ResourceType) && seen.include?(type)
          seen << type if type.is_a?(ResourceType)
          next if used || _defined?(here)

          if type.is_a?(InstanceType)
            inner = path.empty? ? @host_imports.interface(name) : host&.interface(name)
            _define_members(here, type.exports, inner, seen)
          elsif host
            _define_member(_actual(here)[0...-1], name, type, host)
          end
        end
      end

      def _define_member(path, name, type, host)
        case type
        when FuncType then _define_callable(path, name, host.function(name))
        when ResourceType then _define_class(path, name, host.resource(name))
        when ModuleType then _define_module(path, name, host.find(name))
        end
      end

      def _define_callable(path, name, callable)
        return unless callable

        _add_func(path, name, callable, @bytes)
        _defined(path, name, :func)
      end

      def _define_class(path, name, klass)
        return unless klass

        _add_resource(path, name, klass, nil)
        _defined(path, name, :resource)
      end

      def _define_module(path, name, mod)
        return unless mod.is_a?(Wasmtime::Module)

        _add_module(path, name, mod)
        _defined(path, name, :module)
      end

      def _open(path, &block)
        raise ArgumentError, "no block given" unless block
        raise Error, "Linker is not reentrant" if @open

        begin
          @open = true
          LinkerInstance.new(self, path)._open(&block)
        ensure
          @open = false
        end
        self
      end
    end
  end
end
