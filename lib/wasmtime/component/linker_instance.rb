# frozen_string_literal: true

module Wasmtime
  module Component
    # Where definitions go: the root of a {Linker}, or an instance in it. Of use in the block that it is given to.
    class LinkerInstance
      # @api private
      # @param linker [Linker]
      # @param path [Array<String>]
      # @return [void]
      def initialize(linker, path)
        @linker = linker
        @path = path.freeze
        @state = :open
      end

      # Defines a function. Arguments and result are converted as {Func#call} says. The type is the one of the component that calls it.
      #
      # @param name [String, Symbol]
      # @param bytes [:string, :array, nil] whether arguments of type `list<u8>` are binary Strings or Arrays; nil leaves it to the linker
      # @yieldparam args [Array<Object>] one value for each parameter
      # @yieldreturn [Object] the result. Where WIT says `result`, a {Result}, or the value when all is well; to give the error, raise a
      #   {ResultError}. Any other exception ends the guest's call and leaves the outer call as the same object. A block may call other
      #   instances, and the one that called it.
      # @return [self]
      # @raise [ArgumentError] without a block
      # @raise [Error] when the name is taken, or this is out of scope
      # @example
      #   linker.instance("wasi:logging/logging") { |i| i.func_new("log") { |level, context, message| puts message } }
      def func_new(name, bytes: nil, &block)
        raise ArgumentError, "no block given" unless block

        strings = bytes.nil? ? @linker._bytes? : Func._bytes?(bytes)
        _define(name, :func) { |text| @linker.__send__(:_add_func, @path, text, block, strings) }
      end

      # Defines a core module.
      # @param name [String, Symbol]
      # @param mod [Wasmtime::Module]
      # @return [self]
      # @raise [Error] when the name is taken, the module is of another engine, or this is out of scope
      def module(name, mod)
        Wasmtime._check(mod, Wasmtime::Module)
        _define(name, :module) { |text| @linker.__send__(:_add_module, @path, text, mod) }
      end

      # Defines a resource of the host's: guests get handles of Ruby objects. An object is kept alive while a guest owns it.
      #
      # @param name [String, Symbol]
      # @param klass [Class, Module, Proc] what its objects are: what `===` says yes to
      # @yieldparam object [Object] one whose last handle a guest dropped. Not for those a guest still has when its store goes.
      # @return [self]
      # @raise [TypeError] for what is neither class nor Proc
      # @raise [Error] when the name is taken, or this is out of scope
      # @example
      #   linker.instance("test:host/files") do |i|
      #     i.resource("file", File) { |file| file.close }
      #     i.func_new("open") { |path| File.open(path) }
      #     i.func_new("[method]file.read") { |file| file.read }
      #   end
      def resource(name, klass = Object, &destructor)
        raise TypeError, "expected a class, a module or a Proc, got #{klass.inspect}" unless ::Module === klass || ::Proc === klass

        _define(name, :resource) { |text| @linker.__send__(:_add_resource, @path, text, klass, destructor) }
      end

      # Opens an instance within.
      # @param name [String, Symbol]
      # @yieldparam instance [LinkerInstance]
      # @return [self]
      # @raise [ArgumentError] without a block
      # @raise [Error] when the name is taken by something else, or this is out of scope
      def instance(name, &block)
        raise ArgumentError, "no block given" unless block

        _define(name, :instance) { |text| _within(text, &block) }
      end

      # Yields itself, and is of no use afterwards.
      # @api private
      def _open
        yield self
      ensure
        @state = :closed
      end

      private

      def _define(name, kind)
        raise Error, "LinkerInstance went out of scope" if @state == :closed
        raise Error, "LinkerInstance is not reentrant" if @state == :locked

        text = Wasmtime._name(name)
        yield text
        @linker._defined(@path, text, kind)
        self
      end

      def _within(name, &)
        @state = :locked
        LinkerInstance.new(@linker, [*@path, name])._open(&)
      ensure
        @state = :open
      end
    end
  end
end
