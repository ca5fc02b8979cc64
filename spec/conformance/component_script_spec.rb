# frozen_string_literal: true

require_relative "script_runs"
require_relative "../../conformance/component_suite"

RSpec.describe Conformance::Script, "about components" do
  include ScriptRuns

  # A component with one function, which gives back what it is given.
  def same(type, name: "")
    <<~WAST
      (component #{name}
        (core module $m (func (export "f") (param i32) (result i32) (local.get 0)) (func (export "trap") unreachable))
        (core instance $i (instantiate $m))
        (func (export "f") (param "x" #{type}) (result #{type}) (canon lift (core func $i "f")))
        (func (export "trap") (canon lift (core func $i "trap"))))
    WAST
  end

  it "passes, and counts each command" do
    source = "#{same('u8')}(assert_return (invoke \"f\" (u8.const 7)) (u8.const 7))\n(assert_trap (invoke \"trap\") \"unreachable\")\n" \
             "(assert_trap (invoke \"f\" (u8.const 7)) \"cannot enter component instance\")"
    expect(run_script(source).map(&:passed?)).to eq [true] * 4
  end

  it "knows definitions, instances and names" do
    expect(failures(<<~WAST)).to eq []
      #{same('u8', name: 'definition $D')}
      (component instance $a $D)
      (component instance $b $D)
      (component $empty)
      (assert_trap (invoke $a "trap") "unreachable")
      (assert_return (invoke $b "f" (u8.const 1)) (u8.const 1))
      (component binary "\\00asm\\0d\\00\\01\\00")
      (component quote "(core module)" "(component)")
    WAST
  end

  it "leaves no instance behind when a component fails" do
    got = failures("(component)\n(component (import \"no-such\" (func)))\n(invoke \"f\")")
    expect(got).to match [match(/\A2: expected component to succeed, got Wasmtime::LinkError: .*no-such/m), match(/\A3: .*there is no instance/)]
  end

  {
    "another result" => ["(assert_return (invoke \"f\" (u8.const 7)) (u8.const 8))", /expected \(u8.const 8\), got 7 of type u8/],
    "a result of another type" => ["(assert_return (invoke \"f\" (u8.const 7)) (s8.const 7))", /expected \(s8.const 7\), got 7 of type u8/],
    "an argument of another type" => ["(invoke \"f\" (u16.const 7))", /"u16.const" is no u8/],
    "an argument that no type has" => ["(invoke \"f\" (i32.const 7))", /"i32.const" is no value of a component/],
    "an argument that does not fit" => ["(invoke \"f\" (u8.const 256))", /256 does not fit into 8 bits/],
    "too many arguments" => ["(invoke \"f\" (u8.const 7) (u8.const 7))", /2 arguments instead of 1/],
    "an export that is not there" => ["(invoke \"g\")", /there is no export "g"/],
    "a global" => ["(get \"f\")", /is no global/],
    "no trap" => ["(assert_trap (invoke \"f\" (u8.const 7)) \"unreachable\")", /expected a trap: unreachable, got 7 of type u8/],
    "another trap" => ["(assert_trap (invoke \"trap\") \"out of bounds\")", /expected a trap: out of bounds, got Wasmtime::Trap: .*unreachable/],
    "no exhaustion" => ["(assert_exhaustion (invoke \"trap\") \"call stack exhausted\")",
                        /expected exhaustion: call stack exhausted, got Wasmtime::Trap/],
    "no exception" => ["(assert_exception (invoke \"trap\"))", /expected an exception, got Wasmtime::Trap/],
    "a valid component" => ["(assert_invalid (component) \"unknown\")", /expected an invalid component: unknown, got success/],
    "another reason to be invalid" => ["(assert_invalid (component (type (list 3))) \"no memory\")",
                                       /an invalid component: no memory, got Wasmtime::CompileError: .*unknown type 3/m],
    "another reason to be malformed" => ["(assert_malformed (component quote \"(x)\") \"no memory\")",
                                         /a malformed component: no memory, got Wasmtime::CompileError/],
    "a component that links" => ["(assert_unlinkable (component) \"missing\")", /expected a component that cannot be linked: missing, got success/],
    "another reason not to link" => ["(assert_unlinkable (component (import \"a\" (func))) \"no-such\")",
                                     /that cannot be linked: no-such, got Wasmtime::LinkError/],
    "a name for imports" => ["(register \"r\")", /a component's exports cannot be imported/],
    "a definition that is not there" => ["(component instance $a $D)", /there is no module \$D/],
    "no strings in quotes" => ["(component quote (func))", /a component's quote text consists of strings/]
  }.each do |what, (command, failure)|
    it "fails in #{what}" do
      expect(failures("#{same('u8')}#{command}")).to match [failure]
    end
  end

  it "gives scripts the interfaces of spectest, with a module and resources" do
    expect(failures(<<~WAST)).to eq []
      (component
        (import "host-return-two" (func (result u32)))
        (import "host" (instance
          (export "return-three" (func (result u32))) (export "nested" (instance (export "return-four" (func (result u32)))))
          (export "simple-module" (core module (export "f" (func (result i32)))))
          (export "resource1" (type (sub resource))) (export "resource2" (type (sub resource))))))
    WAST
  end

  it "has scripts of our own, one for each matter" do
    suite = Conformance::ComponentSuite.new
    expect(suite.files.size).to be > 10
    expect(suite.name(suite.files.first)).to start_with("component/").and end_with(".wast")
  end
end
