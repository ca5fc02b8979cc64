# frozen_string_literal: true

RSpec.describe "Wasmtime.wat2wasm" do
  it "translates the text format to the binary format" do
    wasm = Wasmtime.wat2wasm("(module)")
    expect(wasm).to eq("\0asm\x01\0\0\0".b)
    expect(wasm.encoding).to eq(Encoding::BINARY)
    expect(wasm).not_to be_frozen
  end

  it "gives what Module.new takes" do
    wasm = Wasmtime.wat2wasm('(module (func (export "f") (result i32) i32.const 42))')
    instance = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new(wasm))
    expect(instance.invoke("f")).to eq(42)
  end

  it "says where the text is wrong" do
    expect { Wasmtime.wat2wasm("(module\n  (func i32.cons 1))") }
      .to raise_error(an_instance_of(Wasmtime::Error).and(have_attributes(message: /unknown operator or unexpected token.*<anon>:2:9/m)))
    expect { Wasmtime.wat2wasm("") }.to raise_error(Wasmtime::Error, /expected at least one module field/)
  end

  it "takes text in any encoding that can be UTF-8" do
    expect(Wasmtime.wat2wasm('(module (func (export "ä")))'.encode("UTF-16LE"))).to eq(Wasmtime.wat2wasm('(module (func (export "ä")))'))
  end

  it "refuses text that is no UTF-8" do
    expect { Wasmtime.wat2wasm("(module (func (export \"\xff\")))") }.to raise_error(EncodingError)
  end

  it "refuses what is no String" do
    expect { Wasmtime.wat2wasm(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    expect { Wasmtime.wat2wasm(1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end
end
