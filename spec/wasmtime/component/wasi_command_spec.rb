# frozen_string_literal: true

RSpec.describe Wasmtime::Component::WasiCommand do
  let(:store) { Wasmtime::Store.new }
  let(:seen) { [] }
  # Whether the program says that it went well.
  let(:answer) { 0 }
  let(:linker) { Wasmtime::Component::Linker.new.define_all(status: -> { (seen << answer).last }) }

  # A program that asks the host how it went.
  def program(export = "wasi:cli/run@0.2.0")
    Wasmtime::Component::Component.new(<<~WAT)
      (component
        (import "status" (func $status (result u32)))
        (core func $status' (canon lower (func $status)))
        (core module $m (import "" "status" (func $status (result i32)))
          (func (export "run") (result i32) (local i32)
            (local.set 0 (call $status))
            (if (i32.eq (local.get 0) (i32.const 2)) (then unreachable))
            (loop $again (br_if $again (i32.eq (local.get 0) (i32.const 3))))
            (local.get 0)))
        (core instance $i (instantiate $m (with "" (instance (export "status" (func $status'))))))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $run (export "run" (func $run)))
        (export "#{export}" (instance $run)))
    WAT
  end

  def command(component = program)
    described_class.new(store, component, linker)
  end

  it "instantiates at once, and runs when it is told to" do
    started = command
    expect([started.instance.class, started.instance.store.equal?(store), seen]).to eq([Wasmtime::Component::Instance, true, []])
    expect([started.call_run(store), seen]).to eq([nil, [0]])
    expect([started.call_run(store, timeout: 5, gvl: :release), seen]).to eq([nil, [0, 0]])
  end

  it "runs what exports any version 0.2" do
    expect(command(program("wasi:cli/run@0.2.3")).call_run(store)).to be_nil
    expect(command(program("wasi:cli/run@0.2.0-rc.1")).call_run(store)).to be_nil
  end

  ["wasi:cli/run@0.3.0", "wasi:cli/run", "run", "wasi:cli/runner@0.2.0"].each do |name|
    it "refuses what exports #{name}, before it is instantiated" do
      empty = Wasmtime::Component::Linker.new
      expect { described_class.new(store, program(name), empty) }
        .to raise_error(an_instance_of(Wasmtime::Error), "the component is no command: it exports no wasi:cli/run@0.2")
    end
  end

  context "when the program says that it failed" do
    let(:answer) { 1 }

    it "raises, and may be run again" do
      started = command
      2.times { expect { started.call_run(store) }.to raise_error(an_instance_of(Wasmtime::Error), "Error running `run`") }
      expect(seen).to eq([1, 1])
    end
  end

  context "when the program traps" do
    let(:answer) { 2 }

    it "raises the trap" do
      expect { command.call_run(store) }.to raise_error(an_instance_of(Wasmtime::Trap), /unreachable/)
    end
  end

  context "when the program does not end" do
    let(:answer) { 3 }

    it "is stopped by its timeout" do
      expect { command.call_run(store, timeout: 0.05) }.to raise_error(an_instance_of(Wasmtime::TimeoutError))
    end
  end

  context "when a host block raises" do
    let(:answer) { raise error }
    let(:error) { Wasmtime::WasiExit.new(7) }

    it "raises the same object" do
      expect { command.call_run(store) }.to raise_error(be(error))
    end
  end

  it "refuses what only has the name" do
    function = Wasmtime::Component::Component.new(<<~WAT)
      (component
        (core module $m (func (export "run")))
        (core instance $i (instantiate $m))
        (func $run (canon lift (core func $i "run")))
        (instance $run (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $run)))
    WAT
    empty = Wasmtime::Component::Component.new('(component (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))')
    [function, empty].each { |one| expect { command(one) }.to raise_error(an_instance_of(Wasmtime::Error), /\Athe component is no command/) }
  end

  it "raises what the linker raises" do
    empty = Wasmtime::Component::Linker.new
    expect { described_class.new(store, program, empty) }
      .to raise_error(an_instance_of(Wasmtime::LinkError), "cannot link the component:\n  missing import \"status\": expected func() -> u32")
    expect { described_class.new(nil, program, linker) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    expect { described_class.new(store, program, nil) }
      .to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Component::Linker")
    expect { described_class.new(store, nil, linker) }
      .to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Component::Component")
  end

  it "runs in its own store, as long as it is open" do
    started = command
    expect { started.call_run(Wasmtime::Store.new) }.to raise_error(an_instance_of(Wasmtime::StoreError), "the command belongs to another store")
    expect { started.call_run(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    expect { started.call_run(store, nope: 1) }.to raise_error(ArgumentError, /\Aunknown keyword: :nope/)
    store.close
    expect { started.call_run(store) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    expect(seen).to eq([])
  end
end
