# frozen_string_literal: true

RSpec.describe Wasmtime::WasmException do
  let(:engine) { Wasmtime::Engine.new(wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:guest) do
    instance(<<~WAT)
      (module $m (tag $t (param i32)) (func $throw i32.const 1 throw $t) (func (export "run") call $throw)
        (func (export "caught") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $throw)) (i32.const 0)))
        (func (export "ok") (result i32) i32.const 7))
    WAT
  end

  def instance(wat, imports = [])
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  it "is what a guest threw and nobody caught" do
    expect { guest.invoke("run") }.to raise_error(an_instance_of(described_class).and(have_attributes(message: "thrown Wasm exception")))
    expect(guest.invoke("caught")).to eq(1)
  end

  it "is no trap" do
    expect(described_class.superclass).to equal(Wasmtime::Error)
  end

  it "has the wasm frames, also in its backtrace", :untyped do
    expect { guest.invoke("run") }.to raise_error(described_class) { |e|
      expect(e.frames.map(&:func_name)).to eq(["throw", nil])
      expect(e.frames).to be_frozen
      expect(e.backtrace.first(2)).to eq(e.frames.map(&:to_s))
      expect(e.backtrace[2]).to match(/wasm_exception_spec\.rb/)
    }
  end

  it "leaves the store usable" do
    3.times { expect { guest.invoke("run") }.to raise_error(described_class) }
    expect(guest.invoke("ok")).to eq(7)
  end

  it "passes host blocks as the same object" do
    inner = nil
    host = Wasmtime::Func.new(store, [], []) do
      guest.invoke("run")
    rescue described_class => e
      inner = e
      raise
    end
    expect { instance('(module (import "" "h" (func $h)) (func (export "run") call $h))', [host]).invoke("run") }
      .to raise_error(described_class) { |e| expect(e).to equal(inner) }
  end

  it "is not what a guest sees of a Ruby exception: that passes its handlers" do
    host = Wasmtime::Func.new(store, [], []) { raise IOError, "mine" }
    catcher = instance(<<~WAT, [host])
      (module (import "" "h" (func $h)) (func (export "run") (result i32) (block $b (try_table (catch_all $b) (call $h)) (return (i32.const 0))) (i32.const 1)))
    WAT
    expect { catcher.invoke("run") }.to raise_error(IOError, "mine")
  end

  it "can be made without frames" do
    expect(described_class.new("x")).to have_attributes(message: "x", frames: [])
    expect(described_class.new.message).to eq("Wasmtime::WasmException")
  end
end
