# frozen_string_literal: true

require_relative "../../examples/javascript/quickjs"

RSpec.describe "QuickJS, JavaScript in a reactor" do
  before(:all) { @js = QuickJs.new(fixture("quickjs")) }

  it "runs scripts" do
    expect(@js.run("console.log('hi', 6 * 7, [1, 2].map(x => x * 2))")).to eq("hi 42 2,4\n")
    expect(@js.run("console.log('é'.length, JSON.stringify({ a: [1n.toString(), null] }))")).to eq("1 {\"a\":[\"1\",null]}\n")
    expect(@js.run("console.log((function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) })(20))")).to eq("6765\n")
  end

  it "raises what a script throws, with its stack" do
    expect { @js.run("function f() { throw new TypeError('no') }\nf()") }
      .to raise_error(QuickJs::Error, "TypeError: no\n    at f (<cmdline>:1:26)\n    at <eval> (<cmdline>:2:1)")
    expect { @js.run("1 +") }.to raise_error(QuickJs::Error, /\ASyntaxError/)
  end

  it "stops a script that recurses or allocates without end" do
    expect { @js.run("(function f() { f() })()") }.to raise_error(Wasmtime::Trap) { |error| expect(error.code).to eq(:stack_overflow) }
    expect { @js.run("const a = []; for (;;) a.push('x'.repeat(1000) + a.length)") }.to raise_error(QuickJs::Error, /out of memory/)
  end

  it "keeps scripts apart" do
    @js.run("globalThis.left = 1")
    expect(@js.run("console.log(typeof left)")).to eq("undefined\n")
  end
end
