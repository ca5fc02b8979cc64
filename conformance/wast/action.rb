# frozen_string_literal: true

require_relative "component_result"
require_relative "constant"
require_relative "module_source"
require_relative "result"

module Conformance
  # What a script does with an instance: `(invoke ...)`, `(get ...)`, or a module or component that is instantiated.
  class Action
    # @param reader [Reader]
    # @param instances [Instances]
    def initialize(reader, instances)
      @reader = reader
      @instances = instances
    end

    # @param list [List]
    # @return [Array<Result, ComponentResult>]
    # @raise [Wasmtime::Error] as WebAssembly ends
    # @raise [Malformed]
    def perform(list)
      case list.head
      when "invoke" then invoke(*item(list))
      when "get" then get(item(list).first)
      when "module", "component" then instantiate(ModuleSource.new(@reader, list))
      else raise Malformed, "#{list.head.inspect} is no action"
      end
    end

    # @param list [List]
    # @return [Boolean] whether it is about a component
    def component?(list)
      return true if ModuleSource.component?(list)
      return false if list.head == "module"

      id = list.rest.first
      @instances.exports(id.is_a?(Word) ? id.text : nil).is_a?(Wasmtime::Component::Instance)
    end

    private

    # What an action is about, and what follows its name.
    def item(list)
      words = list.rest
      id = words.shift.text if words.first.is_a?(Word)
      name = words.shift
      raise Malformed, "#{list.head} needs the name of an export" unless name.is_a?(Text)

      [export(id, name.bytes.dup.force_encoding(Encoding::UTF_8)), words]
    end

    # A function of an interface that a component exports is named `interface#function`.
    def export(id, name)
      exports = @instances.exports(id)
      found = exports.is_a?(Hash) ? exports[name] : exports.get_func(name) || (exports.get_func(name.split("#", 2)) if name.include?("#"))
      found || raise(Malformed, "there is no export #{name.inspect}")
    end

    def invoke(func, arguments)
      return invoke_component(func, arguments) if func.is_a?(Wasmtime::Component::Func)
      raise Malformed, "#{func.inspect} is no function" unless func.is_a?(Wasmtime::Func)

      constants = Constant.new(@instances.store)
      value = func.call(*arguments.map { |argument| constants.value(argument) })
      types = func.results
      (types.size > 1 ? value : [value].first(types.size)).zip(types).map { |pair| Result.new(*pair) }
    end

    def invoke_component(func, arguments)
      types = func.type.params.values
      raise Malformed, "#{arguments.size} arguments instead of #{types.size}" unless arguments.size == types.size

      value = func.call(*arguments.zip(types).map { |argument, type| ComponentConstant.value(argument, type) })
      func.type.result ? [ComponentResult.new(value, func.type.result)] : []
    end

    def get(global)
      raise Malformed, "#{global.inspect} is no global" unless global.is_a?(Wasmtime::Global)

      [Result.new(global.get, global.type)]
    end

    def instantiate(source)
      @instances.instantiate(source.compile(@instances.engine))
      []
    end
  end
end
