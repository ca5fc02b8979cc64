# frozen_string_literal: true

require_relative "script_runs"

RSpec.describe Conformance::Script do
  include ScriptRuns

  # Passes when each command passes, and is counted.
  def expect_all_pass(source, count)
    expect(failures(source)).to eq []
    expect(run_script(source).size).to eq count
  end

  describe "modules" do
    it "may be text, binary or quoted" do
      expect_all_pass(<<~WAST, 4)
        (module (func (export "f") (result i32) (i32.const 1)))
        (assert_return (invoke "f") (i32.const 1))
        (module binary "\\00asm" "\\01\\00\\00\\00")
        (module quote "(func (export" "\\"f\\"))")
      WAST
    end

    it "have names, under which older ones stay known" do
      expect_all_pass(<<~WAST, 5)
        (module $one (global (export "g") i32 (i32.const 1)))
        (module $"two" (global (export "g") i32 (i32.const 2)))
        (assert_return (get $one "g") (i32.const 1))
        (assert_return (get $two "g") (i32.const 2))
        (assert_return (get "g") (i32.const 2))
      WAST
    end

    it "may be defined once and instantiated twice" do
      expect_all_pass(<<~WAST, 6)
        (module definition $M (global $g (mut i32) (i32.const 0))
          (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
        (module instance $a $M)
        (module instance $b $M)
        (assert_return (invoke $a "next") (i32.const 1))
        (assert_return (invoke $a "next") (i32.const 2))
        (assert_return (invoke $b "next") (i32.const 1))
      WAST
    end

    it "may be a file's fields alone" do
      expect_all_pass('(func) (memory 0) (func (export "f"))', 1)
    end

    it "may contain characters that change the direction of text" do
      expect_all_pass("(module (func (export \"\u202e\")))\n(invoke \"\u202e\")", 2)
    end

    it "import what is registered, and from spectest" do
      expect_all_pass(<<~WAST, 5)
        (module $M (func (export "f") (result i32) (i32.const 5)))
        (register "first" $M)
        (register "second")
        (module (import "first" "f" (func $f (result i32))) (import "second" "f" (func (result i32)))
          (import "spectest" "global_i32" (global i32)) (import "spectest" "print_i32" (func $print (param i32)))
          (import "spectest" "memory" (memory 1 2)) (import "spectest" "table" (table 10 20 funcref))
          (func (export "g") (result i32) (call $print (i32.const 1)) (call $f)))
        (assert_return (invoke "g") (i32.const 5))
      WAST
    end

    it "leave no instance behind when they fail, so that nothing older is used" do
      expect(failures(<<~WAST).map { |failure| failure[/\A\d+: |there is no .*/] }).to eq ["2: ", "3: "]
        (module (func (export "f")))
        (module (func (export "f") unreachable) (start 0))
        (invoke "f")
      WAST
    end
  end

  it "sets the engine's options" do
    expect_all_pass(";;! multi_memory = false\n(assert_invalid (module (memory 0) (memory 0)) \"multiple memories\")", 1)
    expect_all_pass(";;! multi_memory = true\n(module (memory 0) (memory 0))", 1)
  end

  it "ends threads that nobody waits for" do
    expect(run_script("(thread $T (invoke \"f\"))").map(&:passed?)).to contain_exactly(true, false)
  end

  it "runs threads, which share memories" do
    expect_all_pass(<<~WAST, 14)
      ;;! threads = true
      (module $M (memory (export "m") 1 1 shared))
      (thread $T1 (shared (module $M))
        (register "mem" $M)
        (module (memory (import "mem" "m") 1 1 shared)
          (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
        (assert_return (invoke "wait") (either (i32.const 0) (i32.const 1))))
      (thread $T2 (shared (module $M))
        (register "mem" $M)
        (module (memory (import "mem" "m") 1 1 shared)
          (func (export "wake") (i32.atomic.store (i32.const 0) (i32.const 42))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))
        (invoke "wake"))
      (wait $T1)
      (wait $T2)
      (register "mem" $M)
      (module (memory (import "mem" "m") 1 1 shared) (func (export "read") (result i32) (i32.load (i32.const 0))))
      (assert_return (invoke "read") (i32.const 42))
    WAST
  end

  module_text = <<~WAT
    (module
      (memory 1) (table 2 funcref) (tag $e) (type $void (func)) (elem (i32.const 1) $loop)
      (global (export "g") i32 (i32.const 1))
      (func (export "one") (result i32) (i32.const 1))
      (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
      (func (export "nothing"))
      (func (export "div") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func (export "load") (drop (i32.load (i32.const -1))))
      (func (export "unreachable") unreachable)
      (func (export "null") (call_indirect (type $void) (i32.const 0)))
      (func $loop (export "loop") (call $loop))
      (func (export "throw") (throw $e))
      (func (export "func") (result funcref) (ref.func $loop))
      (func (export "extern") (param externref) (result externref) (local.get 0))
      (func (export "f32") (param f32) (result f32) (local.get 0))
      (func (export "nan") (result f32) (f32.const nan:0x200000))
      (func (export "v128") (result v128) (v128.const i32x4 1 2 3 4)))
  WAT
  before = module_text.lines.size

  # Commands that pass, and the same with another expectation, of which the failure says so.
  {
    '(assert_return (invoke "one") (i32.const 1))' => {
      '(assert_return (invoke "one") (i32.const 2))' => "expected (i32.const 2), got (i32.const 1)",
      '(assert_return (invoke "one") (i64.const 1))' => "expected (i64.const 1), got (i32.const 1)",
      '(assert_return (invoke "one"))' => "expected no results, got (i32.const 1)",
      '(assert_return (invoke "unreachable"))' => /expected no results, got Wasmtime::Trap: .*unreachable/,
      '(assert_return (invoke "no_such"))' => /expected no results, got .*there is no export "no_such"/,
      '(assert_return (invoke "g"))' => /expected no results, got .* is no function/,
      '(assert_return (invoke "one" (i32.const 1)) (i32.const 1))' => /expected \(i32.const 1\), got ArgumentError/
    },
    '(assert_return (invoke "two") (i32.const 1) (i64.const 2))' => {
      '(assert_return (invoke "two") (i64.const 2) (i32.const 1))' => "expected (i64.const 2) (i32.const 1), got (i32.const 1) (i64.const 2)",
      '(assert_return (invoke "two") (i32.const 1))' => "expected (i32.const 1), got (i32.const 1) (i64.const 2)"
    },
    '(assert_return (invoke "nothing"))' => { '(assert_return (invoke "nothing") (i32.const 0))' => "expected (i32.const 0), got no results" },
    '(assert_return (get "g") (i32.const 1))' => {
      '(assert_return (get "g") (i32.const 2))' => "expected (i32.const 2), got (i32.const 1)",
      '(assert_return (get "one") (i32.const 1))' => /expected \(i32.const 1\), got .* is no global/
    },
    '(assert_return (invoke "f32" (f32.const 0x1p-149)) (f32.const 0x1p-149))' => {
      '(assert_return (invoke "f32" (f32.const 0x1p-149)) (f32.const 0x1p-148))' =>
        "expected (f32.const 0x1p-148), got (f32.const 1.401298464324817e-45) with the bits 0x00000001",
      '(assert_return (invoke "f32" (f32.const -0)) (f32.const 0))' => "expected (f32.const 0), got (f32.const -0.0) with the bits 0x80000000"
    },
    '(assert_return (invoke "nan") (f32.const nan:0x200000))' => {
      '(assert_return (invoke "nan") (f32.const nan:arithmetic))' =>
        "expected (f32.const nan:arithmetic), got (f32.const NaN) with the bits 0x7fa00000",
      '(assert_return (invoke "nan") (f32.const nan:canonical))' => "expected (f32.const nan:canonical), got (f32.const NaN) with the bits 0x7fa00000"
    },
    '(assert_return (invoke "v128") (v128.const i32x4 1 2 3 4))' => {
      '(assert_return (invoke "v128") (v128.const i32x4 1 2 3 5))' =>
        "expected (v128.const i32x4 1 2 3 5), got " \
        "(v128.const i8x16 0x01 0x00 0x00 0x00 0x02 0x00 0x00 0x00 0x03 0x00 0x00 0x00 0x04 0x00 0x00 0x00)"
    },
    '(assert_return (invoke "one") (either (i32.const 0) (i32.const 1)))' => {
      '(assert_return (invoke "one") (either (i32.const 0) (i32.const 2)))' => "expected (either (i32.const 0) (i32.const 2)), got (i32.const 1)"
    },
    '(assert_return (invoke "func") (ref.func))' => {
      '(assert_return (invoke "func") (ref.null func))' => /expected \(ref.null func\), got \(func #<Wasmtime::Func/
    },
    '(assert_return (invoke "extern" (ref.extern 1)) (ref.extern 1))' => {
      '(assert_return (invoke "extern" (ref.extern 1)) (ref.extern 2))' =>
        /expected \(ref.extern 2\), got \(extern #<struct Conformance::HostRef number=1>\)/,
      '(assert_return (invoke "extern" (ref.null extern)) (ref.extern 1))' => "expected (ref.extern 1), got (extern null)"
    },
    '(assert_trap (invoke "div" (i32.const 0)) "integer divide by zero")' => {
      '(assert_trap (invoke "div" (i32.const 0)) "integer overflow")' =>
        /expected a trap: integer overflow, got Wasmtime::Trap: .*integer divide by zero/,
      '(assert_trap (invoke "div" (i32.const 1)) "integer divide by zero")' => "expected a trap: integer divide by zero, got (i32.const 1)",
      '(assert_trap (invoke "nothing") "unreachable")' => "expected a trap: unreachable, got success",
      '(assert_trap (invoke "throw") "unreachable")' => /expected a trap: unreachable, got Wasmtime::WasmException/
    },
    '(assert_trap (invoke "load") "out of bounds memory access")' => {
      '(assert_trap (invoke "load") "out of bounds table access")' => /expected a trap: out of bounds table access, got/
    },
    '(assert_trap (invoke "null") "uninitialized element 0")' => {
      '(assert_trap (invoke "null") "undefined element")' => /expected a trap: undefined element, got .*uninitialized element/
    },
    '(assert_trap (module (func unreachable) (start 0)) "unreachable")' => {
      '(assert_trap (module (func) (start 0)) "unreachable")' => "expected a trap: unreachable, got success"
    },
    '(assert_uninstantiable (module (memory 0) (data (i32.const 0) "a")) "out of bounds memory access")' => {
      '(assert_uninstantiable (module (memory 1) (data (i32.const 0) "a")) "out of bounds memory access")' =>
        "expected a trap: out of bounds memory access, got success",
      '(assert_uninstantiable (module (import "a" "b" (func))) "unreachable")' => /expected a trap: unreachable, got Wasmtime::LinkError/
    },
    '(assert_exhaustion (invoke "loop") "call stack exhausted")' => {
      '(assert_exhaustion (invoke "unreachable") "call stack exhausted")' => /expected exhaustion: call stack exhausted, got Wasmtime::Trap/,
      '(assert_exhaustion (invoke "one") "call stack exhausted")' => "expected exhaustion: call stack exhausted, got (i32.const 1)"
    },
    '(assert_exception (invoke "throw"))' => {
      '(assert_exception (invoke "nothing"))' => "expected an exception, got success",
      '(assert_exception (invoke "unreachable"))' => /expected an exception, got Wasmtime::Trap/
    },
    '(assert_invalid (module (func (result i32))) "type mismatch")' => {
      '(assert_invalid (module (func)) "type mismatch")' => "expected an invalid module: type mismatch, got success"
    },
    '(assert_malformed (module quote "(func") "unexpected end")' => {
      '(assert_malformed (module quote "(func)") "unexpected end")' => "expected a malformed module: unexpected end, got success"
    },
    '(assert_malformed (module binary "") "unexpected end")' => {
      '(assert_malformed (module binary "\00asm\01\00\00\00") "unexpected end")' => "expected a malformed module: unexpected end, got success"
    },
    '(assert_unlinkable (module (import "a" "b" (func))) "unknown import")' => {
      '(assert_unlinkable (module (import "spectest" "print" (func))) "unknown import")' =>
        "expected a module that cannot be linked: unknown import, got success",
      '(assert_unlinkable (module (func unreachable) (start 0)) "unknown import")' =>
        /expected a module that cannot be linked: unknown import, got Wasmtime::Trap/,
      '(assert_unlinkable (module (func (result i32))) "unknown import")' => /expected a module that compiles, got Wasmtime::CompileError/
    },
    '(invoke "nothing")' => { '(invoke "unreachable")' => /expected invoke to succeed, got Wasmtime::Trap/ },
    '(get "g")' => { '(get "no_such")' => /expected get to succeed, got .*there is no export/ },
    '(register "m")' => { '(register "m" $no_such)' => /expected register to succeed, got .*there is no instance \$no_such/ },
    "(module)" => {
      "(module (func (result i32)))" => /expected module to succeed, got Wasmtime::CompileError/,
      '(module (import "a" "b" (func)))' => /expected module to succeed, got Wasmtime::LinkError/,
      "(module instance $i $no_such)" => /expected module to succeed, got .*there is no module \$no_such/
    },
    "(thread $T (module))" => { "(wait $no_such)" => /expected wait to succeed, got .*there is no thread \$no_such/ }
  }.each do |right, wrong|
    describe right do
      it("passes") { expect(failures(module_text + right)).to eq [] }

      wrong.each do |command, message|
        it "fails as #{command}" do
          exactly = message.is_a?(Regexp) ? message : /#{Regexp.escape(message)}\z/
          expect(failures(module_text + command)).to match [match(/\A#{before + 1}: #{exactly}/m)]
        end
      end
    end
  end

  it "fails in a command inside of a thread" do
    expect(failures("(thread $T\n  (invoke \"f\"))\n(wait $T)")).to match [a_string_starting_with("2: expected invoke to succeed, got")]
  end

  it "fails in what is no command" do
    expect(failures('(module) (assert_nothing (invoke "f"))')).to match [match(/expected assert_nothing to succeed, got .*is no command/)]
  end

  it "goes on after a failure" do
    expect(run_script("#{module_text}(assert_trap (invoke \"one\") \"x\")(assert_return (invoke \"one\") (i32.const 1))").map(&:passed?))
      .to eq [true, false, true]
  end
end
