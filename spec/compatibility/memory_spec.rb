# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Memory" do
  oob = [Wasmtime::Error, "out of bounds memory access"]
  numbers = {
    i32: [-(2**31), (2**31) - 1, 4], u32: [0, (2**32) - 1, 4], i64: [-(2**63), (2**63) - 1, 8], u64: [0, (2**64) - 1, 8]
  }

  compatibility(
    numbers.flat_map do |type, (min, max, size)|
      [
        ["memory.write_#{type}(8, #{max})", nil],
        ["memory.write_#{type}(8, #{max}); memory.read_#{type}(8)", max],
        ["memory.write_#{type}(8, #{min}); memory.read_#{type}(8)", min],
        ["memory.write_#{type}(8, 1); memory.read(8, #{size})", [1].pack("C").ljust(size, "\0").b],
        ["memory.write_#{type}(8, 1.9); memory.read_#{type}(8)", 1],
        ["memory.write_#{type}(8, #{max + 1})", RangeError, /./],
        ["memory.write_#{type}(8, #{min - 1})", RangeError, /./],
        ["memory.write_#{type}(8, 'x')", TypeError, "no implicit conversion of String into Integer"],
        ["memory.write_#{type}(8, nil)", TypeError, /nil/],
        ["memory.read_#{type}(#{65_536 - size})", 0],
        ["memory.read_#{type}(#{65_537 - size})", *oob],
        ["memory.write_#{type}(#{65_537 - size}, 0)", *oob],
        ["memory.read_#{type}(-1)", RangeError, /./],
        ["memory.write_#{type}(-1, 0)", RangeError, /./],
        ["memory.read_#{type}('x')", TypeError, "no implicit conversion of String into Integer"]
      ]
    end
  )

  compatibility(
    { f32: 4, f64: 8 }.flat_map do |type, size|
      [
        ["memory.write_#{type}(8, 1.5)", nil],
        ["memory.write_#{type}(8, 1.5); memory.read_#{type}(8)", 1.5],
        ["memory.write_#{type}(8, 2); memory.read_#{type}(8)", 2.0],
        ["memory.write_#{type}(8, 1/2r); memory.read_#{type}(8)", 0.5],
        ["memory.write_#{type}(8, Float::INFINITY); memory.read_#{type}(8)", Float::INFINITY],
        ["memory.write_#{type}(8, Float::NAN); memory.read_#{type}(8).nan?", true],
        ["memory.write_#{type}(8, 'x')", TypeError, /String/],
        ["memory.read_#{type}(#{65_536 - size})", 0.0],
        ["memory.read_#{type}(#{65_537 - size})", *oob],
        ["memory.write_#{type}(#{65_537 - size}, 0)", *oob],
        ["memory.read_#{type}(-1)", RangeError, /./]
      ]
    end
  )

  compatibility [
    ["Wasmtime::Memory.superclass", Object],
    ["Wasmtime::Memory.new(store, min_size: 1).class", Wasmtime::Memory],
    ["Class.new(Wasmtime::Memory).new(store, min_size: 1).class", Wasmtime::Memory],
    ["Wasmtime::Memory.allocate", TypeError, /allocator undefined for Wasmtime::Memory/],
    ["memory.dup", TypeError, /Wasmtime::Memory/],
    ["Wasmtime::Memory.new(store)", ArgumentError, "missing keyword: :min_size"],
    ["Wasmtime::Memory.new(store, min_size: 1, nope: 1)", ArgumentError, "unknown keyword: :nope"],
    ["Wasmtime::Memory.new(store, min_size: 'x')", TypeError, "no implicit conversion of String into Integer"],
    ["Wasmtime::Memory.new(store, min_size: -1)", RangeError, /./],
    ["Wasmtime::Memory.new(store, min_size: 2**32)", RangeError, /./],
    ["Wasmtime::Memory.new(store, min_size: 2, max_size: 1)", Wasmtime::Error, /./],
    ["Wasmtime::Memory.new(1, min_size: 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    # nil is a TypeError in the other gem.
    ["Wasmtime::Memory.new(store, min_size: 1, max_size: nil).max_size", nil],

    ["memory.min_size", 1],
    ["memory.max_size", nil],
    ["memory(max_size: 3).max_size", 3],
    ["memory.size", 1],
    ["memory.grow(2); memory.size", 3],
    ["memory.grow(2); memory.min_size", 1],
    ["memory.data_size", 65_536],
    ["memory.grow(1); memory.data_size", 131_072],
    ["memory.grow(0)", 1],
    ["memory.grow(2)", 1],
    ["memory.grow(2); memory.grow(1)", 3],
    ["memory(max_size: 1).grow(1)", Wasmtime::Error, "failed to grow memory by `1`"],
    ["memory(max_size: 3).grow(5)", Wasmtime::Error, "failed to grow memory by `5`"],
    ["memory.grow(-1)", RangeError, /./],
    ["memory.grow('x')", TypeError, "no implicit conversion of String into Integer"],

    ["memory.read(0, 3)", "\0\0\0".b],
    ["memory.read(0, 3).encoding", Encoding::BINARY],
    ["memory.read(0, 3).frozen?", false],
    ["memory.read(0, 0)", "".b],
    ["memory.write(0, 'abc'); copy = memory.read(0, 3); memory.write(0, 'xyz'); copy", "abc".b],
    ["memory.read(65_536, 0)", "".b],
    ["memory.read(65_536, 1)", *oob],
    ["memory.read(65_535, 2)", *oob],
    ["memory.read(2**63, 1)", *oob],
    ["memory.read(2**64 - 1, 2)", *oob],
    ["memory.read(-1, 1)", RangeError, /./],
    ["memory.read(0, -1)", RangeError, /./],
    ["memory.read(0.9, 1.9).bytesize", 1],
    ["memory.read('x', 1)", TypeError, "no implicit conversion of String into Integer"],

    ["memory.write(0, 'abc')", nil],
    ["memory.write(1, 'abc'); memory.read(0, 5)", "\0abc\0".b],
    ["memory.write(0, 'é'); memory.read(0, 2)", "é".b],
    ["memory.write(0, Class.new { def to_str = 'x' }.new); memory.read(0, 1)", "x".b],
    ["memory.write(65_535, 'a')", nil],
    ["memory.write(65_535, 'ab')", *oob],
    ["memory.write(65_536, '')", nil],
    ["memory.write(-1, 'a')", RangeError, /./],
    ["memory.write(0, 1)", TypeError, "no implicit conversion of Integer into String"],
    ["memory.write(0, nil)", TypeError, "no implicit conversion of nil into String"],

    ["memory.write(0, 'é'); memory.read_utf8(0, 2)", "é"],
    ["memory.read_utf8(0, 2).encoding", Encoding::UTF_8],
    ["memory.write(0, \"\\xFF\"); memory.read_utf8(0, 1)", Wasmtime::Error, /invalid utf-8/],
    ["memory.read_utf8(65_536, 1)", *oob],

    ["memory.write_cstring(0, 'abc')", nil],
    ["memory.write(0, 'xxxx'); memory.write_cstring(0, 'abc'); memory.read(0, 5)", "abc\0\0".b],
    ["memory.write(0, 'xxxxx'); memory.write_cstring(0, 'abc'); memory.read(0, 5)", "abc\0x".b],
    ["memory.write_cstring(0, \"a\\0b\")", ArgumentError, "string contains null byte"],
    ["memory.write_cstring(65_533, 'abc')", *oob],
    ["memory.write_cstring(65_532, 'abc')", nil],
    ["memory.write(0, \"abc\\0d\"); memory.read_cstring(0)", "abc".b],
    ["memory.read_cstring(0).encoding", Encoding::BINARY],
    ["memory.write(65_533, 'abc'); memory.read_cstring(65_533)", "abc".b],
    ["memory.read_cstring(65_536)", "".b],
    ["memory.read_cstring(99_999)", "".b],
    ["memory.read_cstring(-1)", RangeError, /./],

    ["memory.read_unsafe_slice(0, 3).class", Wasmtime::Memory::UnsafeSlice],
    ["memory.write(0, 'abc'); memory.read_unsafe_slice(0, 3).to_str", "abc".b],
    ["memory.read_unsafe_slice(0, 3).to_str.frozen?", true],
    ["memory.read_unsafe_slice(0, 3).to_str.encoding", Encoding::BINARY],
    ["memory.write(0, 'abc'); 'x' + memory.read_unsafe_slice(0, 3)", "xabc"],
    ["memory.read_unsafe_slice(65_535, 2)", *oob],
    ["slice = memory.read_unsafe_slice(0, 3); memory.grow(1); slice.to_str", Wasmtime::Error, "memory slice was invalidated by resize"],
    ["slice = memory.read_unsafe_slice(0, 3); memory.grow(1); slice.to_memory_view",
     ArgumentError, /\AUnable to get a memory view from/],
    ["require 'fiddle'; memory.write(0, 'abc'); memory.read_unsafe_slice(0, 3).to_memory_view[1]", 98],
    ["require 'fiddle'; memory.read_unsafe_slice(0, 3).to_memory_view.class.name", "Fiddle::MemoryView"],
    ["require 'fiddle'; memory.read_unsafe_slice(0, 3).to_memory_view.byte_size", 3],
    ["require 'fiddle'; memory.read_unsafe_slice(0, 3).to_memory_view.readonly?", true],
    # A copy here: the bytes of the moment.
    ["slice = memory.read_unsafe_slice(0, 3); text = slice.to_str; memory.write(0, 'abc'); text", "\0\0\0".b],
    ["slice = memory.read_unsafe_slice(0, 3); memory.write(0, 'abc'); slice.to_str", "abc".b]
  ]
end
