# frozen_string_literal: true

require "pathname"
require "tempfile"
require_relative "subprocess"

# Tables of what a program written for the `wasmtime` gem relies on. A row of two is an expression and its value (a Regexp: what the value
# matches); a row of three is an expression, the exception it raises and its message.
module Compatibility
  # What the expressions of a row see. Everything is made once a row, on first use; options count on that use.
  class Context
    include Subprocess

    ADD = '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
    # One export of each kind that can be reached in every version of the gem.
    ALL = <<~WAT
      (module
        (func (export "f") (param i32) (result i32) (local.get 0))
        (memory (export "m") 1 3)
        (table (export "t") 2 4 funcref)
        (global (export "g") (mut i32) (i32.const 7)))
    WAT
    LOOP = '(module (func (export "f") (loop (br 0))))'
    # Calls itself as often as it is told.
    DEEP = <<~WAT
      (module
        (func $f (export "f") (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))
    WAT
    UNREACHABLE = '(module (func (export "f") unreachable))'
    CALL_BLOCK = '(module (import "" "" (func)) (func (export "f") (call 0)))'
    CALL_I32 = '(module (import "" "" (func (param i32) (result i32))) (func (export "f") (param i32) (result i32) (call 0 (local.get 0))))'
    TAG = '(module (tag (export "tag") (param i32)) (func (export "f")))'

    def engine(**options)
      @engine ||= Wasmtime::Engine.new(**options)
    end

    def store(...)
      @store ||= Wasmtime::Store.new(engine, ...)
    end

    def other_store
      @other_store ||= Wasmtime::Store.new(engine)
    end

    def linker
      @linker ||= Wasmtime::Linker.new(engine)
    end

    def mod(wat = ALL)
      Wasmtime::Module.new(engine, wat)
    end

    def instance(wat = ALL, imports = [])
      Wasmtime::Instance.new(store, mod(wat), imports)
    end

    # A function of the store made of a block.
    def func(params = [], results = [], &block)
      Wasmtime::Func.new(store, params, results, &block || proc {})
    end

    # Calls a block from Ruby as a function without parameters.
    def host(results = [], &)
      func([], results, &).call
    end

    # Passes a value of a type through a function.
    def through(type, value)
      func([type], [type]) { |_, given| [given] }.call(value)
    end

    # What a value of a type becomes on its way from wasm, given as an instruction.
    def from_wasm(type, instruction)
      instance("(module (func (export \"f\") (result #{type}) #{instruction}))").invoke("f")
    end

    # The exception a block raises.
    def raised
      yield
      nil
    rescue Exception => e # rubocop:disable Lint/RescueException
      e
    end

    def trap(instruction)
      raised { instance("(module (memory 1) (table 1 funcref) (type $t (func)) (func (export \"f\") #{instruction}))").invoke("f") }
    end

    def memory(**sizes)
      @memory ||= Wasmtime::Memory.new(store, min_size: 1, **sizes)
    end

    def table(type = :externref, initial = nil, **sizes)
      @table ||= Wasmtime::Table.new(store, type, initial, min_size: 2, **sizes)
    end

    def pool
      @pool ||= Wasmtime::PoolingAllocationConfig.new
    end

    # Path of a file with the given content.
    def file(content)
      @file = Tempfile.create("compatibility").tap { |file| file.binmode && file.write(content) && file.close }
      @file.path
    end

    # What a program prints that does nothing but load the gem and run the code.
    def fresh_process(code)
      run_ruby(code).first
    end

    def clean_up
      File.unlink(@file.path) if @file
    end

    def evaluate(expression)
      binding.eval(expression, "compatibility row") # rubocop:disable Security/Eval
    end
  end

  # Declares an example for each row.
  def compatibility(rows)
    rows.each do |row|
      expression, expected, message = row
      raise ArgumentError, "a row has two or three columns: #{row.inspect}" unless row.size.between?(2, 3)

      it expression do
        row.size == 3 ? expect_exception(expression, expected, message) : expect_value(expression, expected)
      end
    end
  end

  # The examples' side of it.
  module Examples
    def expect_value(expression, expected)
      value = evaluate(expression)
      return expect(value).to(match(expected)) if expected.is_a?(Regexp)

      expect(value).to(eq(expected))
      expect(value.class).to(equal(expected.class)) # 1 == 1.0
    end

    def expect_exception(expression, expected, message)
      evaluate(expression)
    rescue Exception => e # rubocop:disable Lint/RescueException
      expect(e.class).to(equal(expected), "expected #{expected}, got #{e.class}: #{e.message}")
      expect(e.message).to(message.is_a?(Regexp) ? match(message) : eq(message))
    else
      raise RSpec::Expectations::ExpectationNotMetError, "expected #{expected}, nothing was raised"
    end

    def evaluate(expression)
      context = Context.new
      context.evaluate(expression)
    ensure
      context.clean_up
    end
  end
end

RSpec.configure do |config|
  config.extend(Compatibility, file_path: %r{spec/compatibility/})
  config.include(Compatibility::Examples, file_path: %r{spec/compatibility/})
end
