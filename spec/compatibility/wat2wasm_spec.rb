# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime, the module" do
  compatibility [
    ['require "wasmtime"', false],
    ["Wasmtime.class", Module],
    ["Wasmtime::VERSION", /\A\d+\.\d+\.\d+/],
    ["Wasmtime::VERSION.class", String],
    # Our own version; the other gem's is Wasmtime's.
    ["Wasmtime::WASMTIME_VERSION", /\A48\.0\.\d+\z/],
    ["fresh_process('p defined?(Fiddle)')", "nil\n"],

    ['Wasmtime.wat2wasm("(module)")', "\0asm\1\0\0\0".b],
    ['Wasmtime.wat2wasm("(module)").encoding', Encoding::BINARY],
    ['Wasmtime.wat2wasm("(module)").frozen?', false],
    ["Wasmtime.wat2wasm(ADD).byteslice(0, 4)", "\0asm".b],
    ['Wasmtime.wat2wasm("(component)").byteslice(0, 4)', "\0asm".b],
    ["Wasmtime.wat2wasm(Class.new { def to_str = '(module)' }.new).bytesize", 8],
    ["Object.new.extend(Wasmtime).send(:wat2wasm, '(module)').bytesize", 8],
    ['Wasmtime.wat2wasm("(module")', Wasmtime::Error, /expected `\)`/],
    ['Wasmtime.wat2wasm("(nope)")', Wasmtime::Error, /nope/],
    ['Wasmtime.wat2wasm("\xFF")', EncodingError, "invalid byte sequence in UTF-8"],
    ["Wasmtime.wat2wasm(nil)", TypeError, "no implicit conversion of nil into String"],
    ["Wasmtime.wat2wasm(1)", TypeError, "no implicit conversion of Integer into String"],
    ["Wasmtime.wat2wasm", ArgumentError, /wrong number of arguments \(given 0, expected 1\)/]
  ]
end
