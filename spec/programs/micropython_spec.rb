# frozen_string_literal: true

require_relative "../../examples/python/micropython"

RSpec.describe "MicroPython, with wasm exceptions and functions of Ruby" do
  before(:all) do
    functions = { "add" => ->(*numbers) { numbers.sum }, "fail" => -> { raise ArgumentError, "from Ruby" }, "leave" => -> { throw :out, "left" } }
    @python = MicroPython.new(fixture("micropython"), functions)
  end

  it "runs scripts" do
    expect(@python.run("print(sum(n * n for n in range(10)), 'é', 2 ** 100)")).to eq("285 é 1267650600228229401496703205376\n")
  end

  it "raises and catches exceptions, which are WebAssembly's" do
    expect(@python.run(<<~PYTHON)).to eq("caught divide by zero\nfinally\n")
      try:
          try:
              1 / 0
          except ZeroDivisionError as error:
              print("caught", error)
      finally:
          print("finally")
    PYTHON
    expect { @python.run("def f():\n    raise ValueError('x')\nf()") }
      .to raise_error(MicroPython::Error, /\ATraceback \(most recent call last\):\n.*in f\nValueError: x\n\z/m)
  end

  it "calls Ruby, whose exceptions become Python's" do
    expect(@python.run("print(call('add', 1, 2, 39))")).to eq("42\n")
    expect(@python.run("try:\n    call('fail')\nexcept RuntimeError as error:\n    print(error)")).to eq("from Ruby\n")
  end

  it "is left by a throw of Ruby's" do
    expect(catch(:out) { @python.run("call('leave')") }).to eq("left")
    expect(@python.run("print('still here')")).to eq("still here\n")
  end

  it "ends with the status of sys.exit" do
    expect(@python.run("import sys\nprint('bye')\nsys.exit(0)")).to eq("bye\n")
    expect { @python.run("import sys\nsys.exit(3)") }.to raise_error(MicroPython::Error)
  end
end
