# frozen_string_literal: true

require_relative "action"
require_relative "expectation"
require_relative "outcome"
require_relative "trap_text"

module Conformance
  # The commands that say how something ends.
  class Assertions
    # @param reader [Reader]
    # @param instances [Instances]
    def initialize(reader, instances)
      @reader = reader
      @instances = instances
      @action = Action.new(reader, instances)
    end

    # @param action [List]
    # @param expected [Array<List>]
    def assert_return(action, *expected)
      results = expecting(source(*expected)) { @action.perform(action) }
      return if results.size == expected.size && expected.zip(results).all? { |pair| match?(*pair) }

      raise Mismatch.new(source(*expected), results.empty? ? "no results" : results.join(" "))
    end

    # An action, or a module whose start traps. What ends a call of a component's because it does not keep to the canonical ABI is not a Trap.
    def assert_trap(action, text)
      expected = "a trap: #{text.bytes}"
      error = failing(expected, @action.component?(action) ? Wasmtime::Error : Wasmtime::Trap) { @action.perform(action) }
      raise Mismatch.new(expected, show(error)) unless TrapText.match?(text.bytes, error.message)
    end

    alias assert_uninstantiable assert_trap

    def assert_exhaustion(action, text)
      expected = "exhaustion: #{text.bytes}"
      error = failing(expected, Wasmtime::Trap) { @action.perform(action) }
      raise Mismatch.new(expected, show(error)) unless error.code == :stack_overflow
    end

    def assert_exception(action)
      failing("an exception", Wasmtime::WasmException) { @action.perform(action) }
    end

    def assert_suspension(action, text)
      expected = "a suspension: #{text.bytes}"
      error = failing(expected, Wasmtime::Trap) { @action.perform(action) }
      raise Mismatch.new(expected, show(error)) unless error.code == :unhandled_tag
    end

    # A module that no validator accepts. The words are the reference interpreter's, and Wasmtime's validator has its own; what scripts say about
    # components is in the words of Wasmtime's.
    def assert_invalid(mod, text)
      refused("an invalid #{mod.head}: #{text.bytes}", mod, text.bytes)
    end

    def assert_malformed(mod, text)
      refused("a malformed #{mod.head}: #{text.bytes}", mod, text.bytes)
    end

    alias assert_invalid_custom assert_invalid
    alias assert_malformed_custom assert_malformed

    def assert_unlinkable(mod, text)
      compiled = expecting("a #{mod.head} that compiles") { ModuleSource.new(@reader, mod).compile(@instances.engine) }
      expected = "a #{mod.head} that cannot be linked: #{text.bytes}"
      said(expected, mod, text.bytes, failing(expected, Wasmtime::LinkError) { @instances.instantiate(compiled) })
    end

    private

    def match?(list, result)
      return result.match?(list) if result.is_a?(ComponentResult)

      Expectation.match?(list, result)
    end

    def refused(expected, mod, words)
      source = ModuleSource.new(@reader, mod)
      said(expected, mod, words, failing(expected, Wasmtime::CompileError) { source.compile(@instances.engine) })
    end

    def said(expected, mod, words, error)
      raise Mismatch.new(expected, show(error)) if ModuleSource.component?(mod) && !error.message.b.include?(words)
    end

    def source(*lists)
      lists.empty? ? "no results" : @reader.text(lists.first.offset, lists.last.finish)
    end

    def expecting(expected)
      yield
    rescue StandardError => e
      raise Mismatch.new(expected, show(e))
    end

    # @return [Wasmtime::Error] which the block raised
    def failing(expected, kind)
      results = yield
    rescue kind => e
      e
    rescue StandardError => e
      raise Mismatch.new(expected, show(e))
    else
      raise Mismatch.new(expected, describe(results))
    end

    def describe(results)
      results.is_a?(Array) && results.any? ? results.join(" ") : "success"
    end

    def show(error)
      "#{error.class}: #{error.message}"
    end
  end
end
