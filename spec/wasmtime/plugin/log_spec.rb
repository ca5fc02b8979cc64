# frozen_string_literal: true

require "logger"
require "stringio"

RSpec.describe "what plugins write" do
  # Writes the bytes it is given to standard output, in a module.
  writer = <<~WAT
    (module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 40)
      (func (export "allocate") (param i32) (result i32) (i32.const 1024))
      (func $print (export "print") (param i32 i32) (result i64)
        (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        i64.const 0)
      (func (export "die") (param i32 i32) (result i64) (drop (call $print (local.get 0) (local.get 1))) unreachable)
      (func (export "spin") (param i32 i32) (result i64) (drop (call $print (local.get 0) (local.get 1))) (loop (br 0)) unreachable))
  WAT

  # The same as a component of preview 2.
  component = <<~WAT
    (component
      (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
      (alias export $error "error" (type $error-type))
      (import "wasi:io/streams@0.2.0" (instance $streams
        (alias outer 1 $error-type (type $e0)) (export "error" (type $e (eq $e0)))
        (type $f0 (variant (case "last-operation-failed" (own $e)) (case "closed"))) (export "stream-error" (type $f (eq $f0)))
        (export "output-stream" (type $out (sub resource)))
        (export "[method]output-stream.blocking-write-and-flush"
          (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $f)))))))
      (alias export $streams "output-stream" (type $out-type))
      (import "wasi:cli/stdout@0.2.0" (instance $stdout
        (alias outer 1 $out-type (type $o0)) (export "output-stream" (type $o (eq $o0)))
        (export "get-stdout" (func (result (own $o))))))
      (core module $libc (memory (export "memory") 40)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
      (core instance $libc (instantiate $libc))
      (core func $get (canon lower (func $stdout "get-stdout")))
      (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
      (core module $m
        (import "" "get" (func $get (result i32)))
        (import "" "write" (func $write (param i32 i32 i32 i32)))
        (import "" "memory" (memory 1))
        (func (export "print") (param i32 i32) (result i32)
          (call $write (call $get) (local.get 0) (local.get 1) (i32.const 32))
          (i64.store (i32.const 16) (i64.const 0)) (i32.const 16)))
      (core instance $i (instantiate $m (with "" (instance
        (export "get" (func $get)) (export "write" (func $write)) (export "memory" (memory $libc "memory"))))))
      (func (export "print") (param "text" (list u8)) (result string)
        (canon lift (core func $i "print") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
  WAT

  let(:log) { log_of }
  let(:entries) { log.last }

  def plugin(wat, **options)
    load_text(wat, grant: { stdio: true }, logger: log.first, **options)
  end

  { "a module" => writer, "a component" => component }.each do |kind, wat|
    it "is an entry for each line, with the plugin's name, in #{kind}" do
      [{}, { reuse: 1 }].each do |options|
        entries.clear
        plugin = plugin(wat, **options)
        plugin.call_bytes(:print, "one\ntwo\n\nzwölf")
        plugin.call_bytes(:print, "next\r\n")
        expect(entries).to eq(["one", "two", "", "zwölf", "next"].map { |line| [:info, "[plugin] #{line}"] })
      end
    end

    it "is scrubbed and escaped, in #{kind}" do
      plugin(wat).call_bytes(:print, "a\xff\xfeb\e[31m\x07\tc\rforged\u202Eevil\u2028line\u0085x\u200B\n".b)
      expect(entries).to eq([[:info, "[plugin] a\uFFFD\uFFFDb\\x1B[31m\\x07\\x09c\\x0Dforged\\u{202E}evil\\u{2028}line\\u{0085}x\\u{200B}"]])
    end

    it "is cut at the limit, with a word about it, in #{kind}" do
      plugin = plugin(wat, limits: { output: 10 })
      plugin.call_bytes(:print, "0123456789abc\n")
      expect(entries).to eq([[:info, "[plugin] 0123456789"], [:info, "[plugin] ... more output to stdout was dropped: limits: output is reached"]])
    end

    it "has room again in the next call, in #{kind}" do
      plugin = plugin(wat, limits: { output: 5 }, reuse: 1)
      %w[123456789 abc defghij].each { |text| plugin.call_bytes(:print, text) }
      expect(entries.map(&:last)).to eq(["[plugin] 12345", "[plugin] ... more output to stdout was dropped: limits: output is reached",
                                         "[plugin] abc", "[plugin] defgh",
                                         "[plugin] ... more output to stdout was dropped: limits: output is reached"])
    end
  end

  it "is there when the call fails" do
    [{}, { reuse: 1 }].each do |options|
      entries.clear
      plugin = plugin(writer, limits: { timeout: 0.05 }, **options)
      errors = [["die", "last words"], ["spin", "and on"]].map { |name, words| raised { plugin.call_bytes(name, words) } }
      expect(errors).to all(be_a(Wasmtime::Plugin::GuestError))
      expect(entries).to eq([[:info, "[plugin] last words"], [:info, "[plugin] and on"]])
    end
  end

  it "has lines and entries of a bounded size" do
    plugin(writer, name: "p").call_bytes(:print, "#{'x' * 10_000}\n#{"\n" * 1500}")
    expect(entries.size).to eq(1001)
    expect(entries.first).to eq([:info, "[p] #{'x' * 2000}... (8000 bytes more)"])
    expect(entries.last).to eq([:info, "[p] ... 501 more lines to stdout were dropped"])
  end

  it "goes to a Logger" do
    output = StringIO.new
    load_text(writer, grant: { stdio: :stdout }, logger: Logger.new(output)).call_bytes(:print, "hello")
    expect(output.string).to match(/\AI, .*INFO -- : \[plugin\] hello\n\z/)
  end

  it "goes nowhere without a logger, or without a grant" do
    expect(load_text(writer, grant: { stdio: true }).call_bytes(:print, "hello")).to eq("")
    load_text(writer, logger: log.first).call_bytes(:print, "hello")
    expect(entries).to eq([])
  end

  it "is unlimited only when that is said" do
    plugin(writer, limits: { output: nil }).call_bytes(:print, "x" * (2 << 20))
    expect(entries).to eq([[:info, "[plugin] #{'x' * 2000}... (#{(2 << 20) - 2000} bytes more)"]])
  end

  it "needs a logger that can log" do
    expect { load_text(writer, logger: StringIO.new) }
      .to raise_error(TypeError, /\Alogger: expected a Logger, got .*which has no info and no error\z/)
  end
end
