# frozen_string_literal: true

require "spec_helper"

RSpec.describe "wasmtime-rb run" do
  { "a module" => "probe", "a component" => "probe_component" }.each do |kind, name|
    describe kind do
      let(:guest) { guest_path(name) }

      it "gives it the words after FILE, also those that look like options" do
        ran = cli("run", guest, "echo", "--dir", "-x", "--", "--help")
        expect(ran).to have_attributes(status: 0, stderr: "", stdout: "--dir -x -- --help\n")
        expect(cli("run", guest, "args").stdout).to start_with("0 \"#{name}.wasm\"")
      end

      it "connects its streams" do
        expect(cli("run", guest, "cat", stdin: "text\0\xff")).to have_attributes(status: 0, stdout: "text\0\xff", stderr: "")
        expect(program("run", guest, "cat", stdin: "text")).to have_attributes(status: 0, stdout: "text", stderr: "")
        expect(program("run", guest, "flood", "5", "stderr")).to have_attributes(status: 0, stderr: a_string_matching(/\A.{5}\z/m))
      end

      it "grants no variables and no directories" do
        expect(program("run", guest, "env", env: { "SECRET" => "1" })).to have_attributes(status: 0, stdout: "")
        expect(cli("run", guest, "ls", "/")).to have_attributes(status: 1)
        expect(cli("run", guest, "preopens").stdout).to eq("")
      end

      it "grants the variables of --env, by value or from this process" do
        ran = program("run", "--env", "A=1=2", "--env", "B", "--env", "C=", guest, "env", env: { "B" => "given", "SECRET" => "1" })
        expect(ran).to have_attributes(status: 0, stdout: "A=1=2\nB=given\nC=\n", stderr: "")
      end

      it "grants directories, to be read only unless --dir-rw says otherwise" do
        write("note", "hello")
        expect(cli("run", "--dir", "#{folder}::/in", guest, "read", "/in/note").stdout).to start_with("hello")
        expect(cli("run", "--dir", folder, guest, "read", "#{folder}/note").stdout).to start_with("hello")
        expect(cli("run", "--dir", "#{folder}::/in", guest, "write", "/in/new", "text")).to have_attributes(status: 1, stderr: /\Aerror: E/)
        expect(File).not_to exist(File.join(folder, "new"))
        expect(cli("run", "--dir-rw", "#{folder}::/out", guest, "write", "/out/new", "text")).to have_attributes(status: 0, stderr: "")
        expect(File.read(File.join(folder, "new"))).to eq("text")
      end

      it "has the status of a failure, and says nothing of its own" do
        expect(cli("run", guest, "exit", "1")).to have_attributes(status: 1, stderr: "")
        expect(program("run", guest, "exit", "1").status).to eq(1)
        expect(program("run", guest, "exit", "0").status).to eq(0)
      end

      it "ends with 134 and the reason after a trap" do
        expect(cli("run", guest, "trap", "divide")).to have_attributes(
          status: 134, stderr: "wasmtime-rb: #{guest} trapped: integer division by zero in trap\n"
        )
        expect(cli("run", guest, "trap", "unreachable").stderr).to include("trapped: unreachable code reached")
        expect(program("run", guest, "abort").status).to eq(134)
      end

      it "ends with 124 at the timeout, also while it waits for input" do
        complaint = "wasmtime-rb: #{guest} was stopped: it did not end within its timeout\n"
        expect(cli("run", "--timeout", "0.05", guest, "spin")).to have_attributes(status: 124, stderr: complaint)
        reader, writer = IO.pipe
        err = StringIO.new
        expect(Wasmtime::CLI.start(["run", "--timeout", "0.05", guest, "cat"], stdin: reader, stdout: StringIO.new, stderr: err)).to eq(124)
        expect(err.string).to eq(complaint)
        writer.close
        open_program("run", "--timeout", "0.1", guest, "cat") do |_stdin, stdout, stderr, process|
          expect([process.value.exitstatus, stdout.read, stderr.read]).to eq([124, "", complaint])
        end
      end

      it "ends with 134 when the fuel is used up" do
        expect(cli("run", "--fuel", "1000000", guest, "spin")).to have_attributes(status: 134, stderr: a_string_including("used up its fuel"))
        expect(cli("run", "--fuel", "1000000000", guest, "echo", "hi")).to have_attributes(status: 0, stdout: "hi\n")
      end

      it "denies memory beyond --memory-size" do
        expect(cli("run", "--memory-size", "2M", guest, "grow", "100").stdout).to eq("refused\n")
        expect(cli("run", "--memory-size", "1G", guest, "grow", "100").stdout).not_to eq("refused\n")
        expect(cli("run", "--memory-size", "64K", guest, "echo")).to refused(134, "failed after it was denied memory beyond --memory-size")
      end

      it "drops output over --output, and says so" do
        expect(cli("run", "--output", "10", guest, "flood", "1000")).to have_attributes(
          stdout: a_string_matching(/\A.{10}\z/m), stderr: "wasmtime-rb: #{guest} wrote more than 10 bytes: the rest was dropped\n"
        )
        expect(program("run", "--output", "1K", guest, "flood", "1024")).to have_attributes(status: 0, stdout: a_string_matching(/\A.{1024}\z/m))
        expect(program("run", "--output", "1K", guest, "flood", "1025")).to have_attributes(stdout: a_string_matching(/\A.{1024}\z/m))
      end

      it "ends at once by Ctrl-C, also while it waits for input or loops" do
        [%w[lines], %w[cat], %w[spin]].each do |words|
          open_program("run", guest, *words) do |input, out, err, process|
            words == %w[spin] ? out.gets : (input.puts("ready") && input.flush && out.readpartial(1))
            Process.kill(:INT, process.pid)
            hung = process.join(20).nil?
            Process.kill(:KILL, process.pid) if hung
            expect([hung, process.value.termsig, err.read]).to eq([false, Signal.list["INT"], ""])
          end
        end
      end

      it "ends quietly when nobody reads its output" do
        ran = program("$PROGRAM run #{guest} flood 10000000 | head -c 3; echo ${PIPESTATUS[0]}")
        expect(ran).to have_attributes(stdout: /\A...141\n\z/, stderr: "")
      end
    end
  end

  it "has the status of a module, up to what the system can take" do
    expect(program("run", guest_path("probe"), "exit", "7").status).to eq(7)
    path = write("a.wat", <<~WAT)
      (module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (func (export "_start") (call $exit (i32.const 256))))
    WAT
    expect(program("run", path).status).to be_positive
    expect(cli("run", write("b.wat", File.read(path).sub("256", "42"))).status).to eq(42)
  end

  it "keeps what it compiled" do
    path = write("a.wat", '(module (func (export "_start")))')
    2.times { expect(program("run", path)).to have_attributes(status: 0, stdout: "", stderr: "") }
    expect(Dir.children(File.join(folder, "wasmtime-rb"))).to match([/\.cwasm\z/])
  end

  it "refuses what is no program, or lacks imports" do
    expect(cli("run", write("a.wat", "(module)"))).to refused(1, /a\.wat is no program: .* --invoke \(inspect shows them\)$/)
    expect(cli("run", write("b.wat", "(component)"))).to refused(1, /b\.wat is no program: .* --invoke \(inspect shows them\)$/)
    expect(cli("run", write("c.wat", '(module (import "a" "b" (func)) (import "a" "c" (global i32)) (func (export "_start")))'))).to refused(
      1, 'c.wat: cannot link the module: missing import "a" "b": expected (func); missing import "a" "c": expected (global i32)'
    )
  end

  it "says what nobody caught" do
    path = write("a.wat", '(module (tag $e) (func (export "_start") (throw $e)))')
    expect(cli("run", path)).to refused(134, "ended with an exception of WebAssembly that nobody caught")
  end

  it "refuses options that make no sense" do
    write("file", "")
    {
      ["--timeout", "0"] => "--timeout: expected seconds such as 5 or 0.5, got \"0\"", ["--timeout", "soon"] => "--timeout: expected",
      ["--timeout", "1e999"] => "--timeout: expected", ["--timeout", "nan"] => "--timeout: expected",
      ["--memory-size", "64X"] => "--memory-size: expected bytes such as 65536, 512K, 64M or 1G, got \"64X\"",
      ["--memory-size", "-1"] => "--memory-size: expected", ["--output", ""] => "--output: expected bytes",
      ["--fuel", "-1"] => "--fuel: expected a number", ["--fuel", "many"] => "--fuel: expected a number",
      ["--fuel", (2**64).to_s] => "--fuel: expected a number", ["--env", "=1"] => "--env: expected NAME=VALUE or NAME, got \"=1\"",
      ["--env", "SURELY_NOT_SET"] => "--env: this process has no variable SURELY_NOT_SET, give NAME=VALUE",
      ["--dir", "::/in"] => "--dir: expected HOST or HOST::GUEST", ["--dir", "#{folder}::"] => "--dir: expected HOST or HOST::GUEST",
      ["--dir", "#{folder}/none"] => "--dir: #{folder}/none is no directory",
      ["--dir-rw", "#{folder}/file::/x"] => "--dir-rw: #{folder}/file is no directory",
      ["--dir", "#{folder}::/a", "--dir-rw", "/::/a"] => "--dir-rw: \"/a\" was given already, by another --dir or --dir-rw", [] => "no FILE was given"
    }.each { |options, complaint| expect(cli("run", *options)).to refused(2, complaint) }
  end

  describe "--invoke with a module" do
    let(:path) do
      write("a.wat", <<~WAT)
        (module
          (global $ready (mut i32) (i32.const 0))
          (func (export "_initialize") (global.set $ready (i32.const 1)))
          (func (export "ready") (result i32) (global.get $ready))
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "same") (param i64 f32 f64) (result i64 f32 f64) (local.get 0) (local.get 1) (local.get 2))
          (func (export "nothing"))
          (func (export "spin") (loop $again (br $again)))
          (func $boom (export "boom") unreachable)
          (func (export "grow") (result i32) (memory.grow (i32.const 100)))
          (func (export "vector") (param v128))
          (memory (export "memory") 1))
      WAT
    end

    def invoke(name, *words, options: [])
      cli("run", *options, "--invoke", name, path, *words)
    end

    it "prints each result on a line" do
      expect(invoke("add", "40", "2")).to have_attributes(status: 0, stdout: "42\n", stderr: "")
      expect(invoke("same", "-9223372036854775808", "1.5", "-inf")).to have_attributes(status: 0, stdout: "-9223372036854775808\n1.5\n-Infinity\n")
      expect(invoke("nothing")).to have_attributes(status: 0, stdout: "", stderr: "")
      expect(program("run", "--invoke", "add", path, "40", "2").stdout).to eq("42\n")
    end

    it "reads numbers by their type" do
      expect(invoke("add", "-1", "0x10").stdout).to eq("15\n")
      expect(invoke("add", "4294967295", "010").stdout).to eq("9\n")
      expect(invoke("same", "18446744073709551615", "nan", "1e3").stdout).to eq("-1\nNaN\n1000.0\n")
    end

    it "initializes a reactor before" do
      expect(invoke("ready").stdout).to eq("1\n")
    end

    it "refuses words that are no values" do
      expect(invoke("add", "1")).to refused(2, "the function takes 2 arguments (i32, i32), got 1")
      expect(invoke("nothing", "1")).to refused(2, "the function takes 0 arguments, got 1")
      expect(invoke("add", "1", "x")).to refused(2, 'argument 2: expected i32 (-2147483648 to 4294967295), got "x"')
      expect(invoke("add", "4294967296", "1")).to refused(2, "argument 1: expected i32")
      expect(invoke("add", "1.5", "1")).to refused(2, "argument 1: expected i32")
      expect(invoke("same", "1", "one", "1")).to refused(2, 'argument 2: expected f32, got "one"')
      expect(invoke("vector", "1")).to refused(2, "argument 1: no word stands for a value of type v128")
    end

    it "refuses names of what is no function" do
      expect(invoke("ad")).to refused(1, "a.wat: there is no function \"ad\": did you mean \"add\"?")
      expect(invoke("memory")).to refused(1, "a.wat: there is no function \"memory\"")
      expect(invoke("zzzzzz")).to refused(1, "wasmtime-rb inspect shows what there is")
    end

    it "keeps the limits" do
      expect(invoke("spin", options: %w[--timeout 0.05])).to refused(124, "was stopped: it did not end within its timeout")
      expect(invoke("spin", options: %w[--fuel 1000])).to refused(134, "used up its fuel")
      expect(invoke("boom")).to refused(134, "trapped: unreachable code reached in boom")
      expect(invoke("grow", options: %w[--memory-size 1M]).stdout).to eq("-1\n")
      expect(invoke("grow").stdout).to eq("1\n")
    end

    it "has the streams, the variables and the directories of a program" do
      write("note", "hello")
      expect(cli("run", "--invoke", "_start", guest_path("probe"))).to have_attributes(status: 0, stdout: a_string_including("flood COUNT"))
      expect(cli("run", "--output", "10", "--invoke", "_start", guest_path("probe"))).to have_attributes(
        stdout: a_string_matching(/\A.{10}\z/m), stderr: a_string_including("wrote more than 10 bytes")
      )
      expect(program("run", "--invoke", "_start", guest_path("probe")).stdout).to include("flood COUNT")
    end

    it "has the status of a guest that exits" do
      path = write("quit.wat", <<~WAT)
        (module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (func (export "quit") (param i32) (result i32) (call $exit (local.get 0)) (i32.const 1)))
      WAT
      expect(cli("run", "--invoke", "quit", path, "9")).to have_attributes(status: 9, stdout: "", stderr: "")
    end
  end

  describe "--invoke with a component" do
    it "calls a function, or one of an interface" do
      path = write("a.wat", CommandLine::COMPONENT)
      expect(cli("run", "--invoke", "twice", path, "21")).to have_attributes(status: 0, stdout: "42\n", stderr: "")
      expect(cli("run", "--invoke", "test:guest/math@1.0.0#double", path, "4").stdout).to eq("8\n")
      expect(cli("run", "--invoke", "twise", path, "4")).to refused(1, 'there is no function "twise": did you mean "twice"?')
      expect(cli("run", "--invoke", "twice", path)).to refused(2, "the function takes 1 argument (number: u32), got 0")
      expect(cli("run", "--invoke", "twice", path, "-1")).to refused(2, 'argument number: expected u32 (0 to 4294967295), got "-1"')
    end

    it "reads texts, numbers, enums and JSON, and prints them" do
      path = write("a.wat", <<~WAT)
        (component
          (core module $code
            (memory (export "memory") 1)
            (global $end (mut i32) (i32.const 64))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (global.get $end)
              (global.set $end (i32.and (i32.add (global.get $end) (i32.add (local.get 3) (i32.const 7))) (i32.const -8))))
            (func (export "one") (param i32) (result i32) (local.get 0))
            (func (export "float") (param f64) (result f64) (local.get 0))
            (func (export "none"))
            (func (export "two") (param i32 i32) (result i32)
              (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))
          (core instance $code (instantiate $code))
          (alias core export $code "memory" (core memory $memory))
          (alias core export $code "realloc" (core func $realloc))
          (type $point-definition (record (field "x" u32) (field "y" u32)))
          (export $point "point-type" (type $point-definition))
          (type $color-definition (enum "red" "green"))
          (export $color "color-type" (type $color-definition))
          (func (export "none") (canon lift (core func $code "none")))
          (func (export "flag") (param "x" bool) (result bool) (canon lift (core func $code "one")))
          (func (export "letter") (param "x" char) (result char) (canon lift (core func $code "one")))
          (func (export "small") (param "x" s8) (result s8) (canon lift (core func $code "one")))
          (func (export "float") (param "x" f64) (result f64) (canon lift (core func $code "float")))
          (func (export "color") (param "x" $color) (result $color) (canon lift (core func $code "one")))
          (func (export "point") (param "x" $point) (result $point) (canon lift (core func $code "two") (memory $memory)))
          (func (export "maybe") (param "x" (option u32)) (result (option u32)) (canon lift (core func $code "two") (memory $memory)))
          (func (export "text") (param "x" string) (result string)
            (canon lift (core func $code "two") (memory $memory) (realloc $realloc)))
          (func (export "pairs") (param "x" (list (tuple u32 string))) (result (list (tuple u32 string)))
            (canon lift (core func $code "two") (memory $memory) (realloc $realloc))))
      WAT
      [
        %w[flag true true], %w[flag false false], %w[letter ü ü], %w[small -128 -128], ["float", "1e2", "100.0"], %w[color green green],
        ["point", '{"x": 1, "y": 2}', '{"x":1,"y":2}'], %w[maybe 5 5], %w[maybe null null], ["text", "ein Wort", "ein Wort"], ["text", "", ""],
        ["pairs", '[[1, "a"], [2, "ü"]]', '[[1,"a"],[2,"ü"]]']
      ].each do |name, word, printed|
        expect(cli("run", "--invoke", name, path, word)).to have_attributes(status: 0, stdout: "#{printed}\n", stderr: "")
      end
      expect(cli("run", "--invoke", "none", path)).to have_attributes(status: 0, stdout: "", stderr: "")
      {
        %w[flag yes] => 'argument x: expected true or false, got "yes"', %w[small 128] => "argument x: expected s8 (-128 to 127)",
        %w[float x] => "argument x: expected f64", ["pairs", "[1"] => 'argument x: expected JSON for list<tuple<u32, string>>, got "[1"',
        %w[color blue] => "blue", ["point", '{"x": 1}'] => "y", %w[letter ab] => "ab", ["text", "\xff"] => "UTF-8"
      }.each { |words, complaint| expect(cli("run", "--invoke", words.first, path, words.last)).to refused(be_between(1, 2), complaint) }
    end
  end
end
