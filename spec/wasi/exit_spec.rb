# frozen_string_literal: true

RSpec.describe "WASI's proc_exit" do
  it "is a WasiExit with its status, whatever that is" do
    [0, 1, 42, 125, 126, 127, 255, 65_536, -1].each do |status|
      expect(probe("exit", status.to_s)).to have_attributes(ending: status, stdout: "exiting\n", stderr: "")
    end
  end

  it "works many frames deep and when main returns" do
    expect(probe("deep-exit", "7")).to have_attributes(ending: 7, stdout: "returning\nleaving\n")
    expect(probe("return", "42")).to have_attributes(ending: 42, stdout: "returning\n")
    expect(probe("return", "0")).to have_attributes(ending: :returned, stdout: "returning\n")
  end

  it "works in a start function, however the module is instantiated" do
    store = Wasmtime::Store.new(wasi_config: wasi_config)
    program = guest("start_exit.wat")
    exits = raise_error(Wasmtime::WasiExit) { |error| expect([error.code, error.message]).to eq([3, "WASI exit with code 3"]) }
    expect { wasi_linker.instantiate(store, program) }.to exits
    expect { wasi_linker.instantiate_pre(program).instantiate(store) }.to exits
    imports = program.imports.map { |import| wasi_linker.get(store, import.module, import.name) }
    expect { Wasmtime::Instance.new(store, program, imports) }.to exits
  end

  it "leaves a reactor as it is: it can be called again" do
    store = Wasmtime::Store.new(wasi_config: wasi_config)
    reactor = wasi_linker.instantiate(store, guest("reactor"))
    reactor.invoke("_initialize")
    expect(reactor.invoke("count")).to eq(1)
    expect { reactor.invoke("quit", 9) }.to raise_error(Wasmtime::WasiExit, "WASI exit with code 9")
    expect(reactor.invoke("count")).to eq(2)
  end

  it "crosses Ruby: a host block that calls the guest again sees it, and may rescue it" do
    instance = nil
    rescue_it = true
    ask = lambda do |_number|
      instance.invoke("quit", 9)
    rescue Wasmtime::WasiExit => e
      rescue_it ? e.code : raise
    end
    linker = wasi_linker.dup
    linker.define_all("host" => { "log" => ->(_, _) {}, "ask" => ask })
    output = +""
    instance = linker.instantiate(Wasmtime::Store.new(wasi_config: wasi_config.set_stdout_buffer(output, 1000)), guest("host_reactor"))
    instance.invoke("_initialize")
    instance.invoke("run", 1)
    expect(output).to end_with("the answer is 9\n")
    rescue_it = false
    expect { instance.invoke("run", 1) }.to raise_error(Wasmtime::WasiExit, "WASI exit with code 9")
  end

  it "leaves traps alone" do
    codes = %w[unreachable divide memory stack].to_h { |kind| [kind, probe("trap", kind).ending.code] }
    expect(codes).to eq("unreachable" => :unreachable_code_reached, "divide" => :integer_division_by_zero,
                        "memory" => :memory_out_of_bounds, "stack" => :stack_overflow)
  end
end
