# frozen_string_literal: true

require_relative "constant"
require_relative "module_source"
require_relative "result"

module Conformance
  # What a script does with an instance: `(invoke ...)`, `(get ...)`, or a module that is instantiated.
  class Action
    # @param reader [Reader]
    # @param instances [Instances]
    def initialize(reader, instances)
      @reader = reader
      @instances = instances
    end

    # @param list [List]
    # @return [Array<Result>]
    # @raise [Wasmtime::Error] as WebAssembly ends
    # @raise [Malformed]
    def perform(list)
      case list.head
      when "invoke" then invoke(*item(list))
      when "get" then get(item(list).first)
      when "module" then instantiate(ModuleSource.new(@reader, list))
      else raise Malformed, "#{list.head.inspect} is no action"
      end
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

    def export(id, name)
      @instances.exports(id)[name] || raise(Malformed, "there is no export #{name.inspect}")
    end

    def invoke(func, arguments)
      raise Malformed, "#{func.inspect} is no function" unless func.is_a?(Wasmtime::Func)

      constants = Constant.new(@instances.store)
      value = func.call(*arguments.map { |argument| constants.value(argument) })
      types = func.results
      (types.size > 1 ? value : [value].first(types.size)).zip(types).map { |pair| Result.new(*pair) }
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
