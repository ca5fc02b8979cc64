# frozen_string_literal: true

require "spec_helper"

RSpec.describe "wasmtime-rb" do
  commands = %w[inspect run compile doctor]

  it "lists its commands and its exit statuses" do
    expect(cli("--help")).to have_attributes(status: 0, stderr: "", stdout: a_string_starting_with("Usage: wasmtime-rb COMMAND"))
    expect(cli("--help").stdout).to include("Exit status:").and(match(/^    inspect  show.*^    run      run.*^    compile  .*^    doctor   /m))
    expect([cli("-h"), cli("help")]).to all(eq(cli("--help")))
  end

  commands.each do |command|
    it "explains #{command}, with its options and exit statuses" do
      expect(cli(command, "--help")).to have_attributes(status: 0, stderr: "",
                                                        stdout: a_string_matching(/\AUsage: wasmtime-rb #{command}.*-h, --help.*^Exit status: /m))
      expect(cli("help", command)).to eq(cli(command, "--help"))
      expect(cli(command, "-h").stdout.lines.map(&:size)).to all(be <= 151)
    end
  end

  it "tells its versions" do
    expect(cli("--version")).to have_attributes(
      status: 0, stdout: "wasmtime-rb #{Wasmtime::VERSION} (Wasmtime #{Wasmtime::WASMTIME_VERSION}, ruby #{RUBY_VERSION}, #{RUBY_PLATFORM})\n"
    )
  end

  it "refuses a command line that it cannot understand, with what was meant" do
    expect(cli).to refused(2, "no command was given: expected inspect, run, compile, doctor (see wasmtime-rb --help)")
    expect(cli("insect")).to refused(2, 'unknown command "insect", did you mean inspect? (see wasmtime-rb --help)')
    expect(cli("frobnicate")).to refused(2, 'unknown command "frobnicate": expected inspect, run, compile, doctor')
    expect(cli("help", "compil")).to refused(2, 'unknown command "compil", did you mean compile?')
    expect(cli("--versoin")).to refused(2, 'unknown option "--versoin", did you mean --version?')
    expect(cli("inspect", "--jsom", "x")).to refused(2, "invalid option: --jsom, did you mean --json? (see wasmtime-rb inspect --help)")
    expect(cli("run", "--fuel")).to refused(2, "missing argument: --fuel (see wasmtime-rb run --help)")
    expect(cli("run", "--time", "3", "x")).to refused(2, "--time")
  end

  it "leaves the words it is given as they are" do
    words = ["run", "--timeout", "0", "x"].freeze
    expect(cli(*words).status).to eq(2)
    argv = words.dup
    Wasmtime::CLI.start(argv, stdout: StringIO.new, stderr: StringIO.new)
    expect(argv).to eq(words)
  end

  it "runs on several threads at a time" do
    path = write("a.wat", CommandLine::MODULE)
    here = cli("inspect", path)
    expect(here.status).to eq(0)
    expect(Array.new(4) { Thread.new { cli("inspect", path) } }.map(&:value)).to all(eq(here))
  end

  it "runs in a forked process, after its parent used it" do
    path = write("a.wat", "(module (func (export \"answer\") (result i32) i32.const 42))")
    expect(cli("run", "--invoke", "answer", path).stdout).to eq("42\n")
    expect(output_of(<<~RUBY)).to eq("[0, \"42\\n\"]\n0")
      require "stringio"
      require "wasmtime/cli"
      Wasmtime.cache_dir = #{folder.dump}
      run = -> { Wasmtime::CLI.start(["run", "--invoke", "answer", #{path.dump}], stdout: $out = StringIO.new) }
      run.call
      pid = fork { p [run.call, $out.string] }
      Process.wait(pid)
      puts $?.exitstatus
    RUBY
  end

  describe "given a file that is no WebAssembly" do
    %w[inspect run compile].each do |command|
      it "says what is wrong with it: #{command}" do
        bytes = Random.new(1).bytes(2000)
        expect(cli(command, File.join(folder, "none.wasm"))).to refused(1, "#{folder}/none.wasm cannot be read: No such file or directory")
        expect(cli(command, folder)).to refused(1, "#{folder} is a directory: expected a file of WebAssembly")
        expect(cli(command, "/dev/null")).to refused(1, "/dev/null is no regular file")
        expect(cli(command, write("empty.wasm", ""))).to refused(1, "#{folder}/empty.wasm is empty")
        expect(cli(command, write("random.wasm", bytes))).to refused(1, "#{folder}/random.wasm is no WebAssembly: it begins with #{bytes[0, 8].dump}")
        expect(cli(command, write("readme.md", "# Title\n(see)"))).to refused(1, "readme.md is no WebAssembly")
        expect(cli(command, write("code.cwasm", "\x7fELF\x02"))).to refused(1, "code.cwasm is native code already")
        expect(cli(command, write("text.wat", "(module\n  (func (param i33)))"))).to refused(1, /text\.wat.*expected one of.*\(line 2, column 16\)/)
        expect(cli(command, write("words.wat", ";; hello\n(; a (; b ;) (modul)"))).to refused(1, "words.wat")
        expect(cli(command, write("cut.wasm", Wasmtime.wat2wasm(CommandLine::MODULE)[0, 38]))).to refused(1, /cut\.wasm.*unexpected end/)
        expect(cli(command, write("cut.wasm", Wasmtime.wat2wasm(CommandLine::COMPONENT)[0, 40]))).to refused(1, /cut\.wasm.*(unexpected end|bound)/)
        expect(cli(command, write("head.wasm", "\0asm"))).to refused(1, "head.wasm")
        expect(cli(command, write("invalid.wat", "(module (func (result i32)))"))).to refused(1, /invalid\.wat.*type mismatch/)
      end
    end

    it "takes names of any encoding, in any locale" do
      ["\u00fc.wat", "\xff.wat"].each do |name|
        path = write(name, "(module)").b
        %w[C C.UTF-8].each do |locale|
          ran = program("inspect", path, env: { "LC_ALL" => locale })
          expect(ran).to have_attributes(status: 0, stderr: "", stdout: a_string_including(": a module in the text format, a library\n"))
          expect(program("run", path, env: { "LC_ALL" => locale })).to refused(1, "is no program")
          expect(program("compile", path, env: { "LC_ALL" => locale })).to have_attributes(status: 0, stderr: "")
        end
      end
      expect(Dir.children(folder).map(&:b)).to include("\u00fc.cwasm".b, "\xff.cwasm".b)
    end

    it "shows nothing of it that a terminal would obey" do
      path = write("evil.wat", '(module (import "\u{1b}[2J" "\u{202e}" (func)) (func (export "_start")))')
      expect(cli("run", path).stderr).to include('"\\e[2J"').and(match(/\A[[:print:]]+\n\z/))
      expect(cli("inspect", path).stdout).to match(/\A([[:print:]]|\n)+\z/)
      expect(cli("run", "\e[31m").stderr).to eq("wasmtime-rb: \\e[31m cannot be read: No such file or directory\n")
    end

    it "says that it may not be read" do
      path = write("secret.wasm", Wasmtime.wat2wasm("(module)"))
      File.chmod(0o000, path)
      File.chmod(0o755, folder)
      expect(output_of(<<~RUBY)).to eq("1\nwasmtime-rb: #{path} cannot be read: Permission denied")
        require "stringio"
        require "wasmtime/cli"
        Wasmtime::CLI.start(%w[inspect --help], stdout: StringIO.new)
        Process::Sys.seteuid(65_534) if Process.euid.zero?
        puts Wasmtime::CLI.start(["inspect", #{path.dump}], stderr: err = StringIO.new), err.string
      RUBY
    end
  end

  describe "as a program" do
    it "ends with the status of the command" do
      path = write("a.wat", CommandLine::MODULE)
      expect(program("inspect", path)).to have_attributes(status: 0, stderr: "", stdout: cli("inspect", path).stdout)
      expect(program("inspect", "none.wasm")).to refused(1, "none.wasm cannot be read")
      expect(program("inspekt")).to refused(2, "did you mean inspect?")
      expect(program("--version").stdout).to eq(cli("--version").stdout)
    end

    it "ends quietly when nobody reads its output" do
      path = write("a.wat", "(module #{(1..20_000).map { |n| "(func (export \"f#{n}\"))" }.join})")
      ran = program("$PROGRAM inspect #{path} | head -n 1; echo ${PIPESTATUS[0]}")
      expect(ran).to have_attributes(stderr: "", stdout: "#{path}: a module in the text format, a library\n141\n")
    end

    it "gives 141 where the signal does not end it" do
      reader, writer = IO.pipe
      reader.close
      err = StringIO.new
      expect(Wasmtime::CLI.start(["--help"], stdout: writer, stderr: err)).to eq(141)
      expect(err.string).to eq("")
    end

    it "says that its output cannot be written, without a backtrace" do
      skip "there is no /dev/full" unless File.exist?("/dev/full")
      expect(program("$PROGRAM --help >/dev/full")).to refused(1, "No space left on device")
    end

    it "prints no backtrace where its streams are closed" do
      expect(program("$PROGRAM --help >&-").stderr).to eq("")
      expect(program("$PROGRAM nonsense 2>&-")).to have_attributes(stdout: "", stderr: "", status: be_positive)
      expect(program("$PROGRAM run --invoke add #{write('a.wat', CommandLine::MODULE.sub(/\(import.*/, ''))} 1 2 <&-").stdout).to eq("3\n")
    end

    it "says what to do when the extension cannot be loaded, and doctor what else is known" do
      root = File.expand_path("../..", __dir__)
      Dir.glob(%w[lib/**/*.rb exe/*], base: root).each do |file|
        FileUtils.mkdir_p(File.join(folder, File.dirname(file)))
        FileUtils.cp(File.join(root, file), File.join(folder, file))
      end
      program = [RbConfig.ruby, "-W0", File.join(folder, "exe/wasmtime-rb")]
      advice = "build it for this Ruby with `gem pristine wasmtime-rb`"

      out, err, status = Open3.capture3(*program, "inspect", write("a.wat", "(module)"))
      expect([out, status.exitstatus]).to eq(["", 1])
      expect(err).to match(/\Awasmtime-rb: the native extension of wasmtime-rb was not found [^\n]*#{advice}[^\n]*\n\z/)
      out, err, status = Open3.capture3(*program, "doctor")
      expect([err, status.exitstatus]).to eq(["", 1])
      expect(out.lines).to match([/^ok   ruby /, /^ok   gem .*#{folder}/, /^FAIL extension .*#{advice}/, "1 of 3 checks failed\n"])
      expect(Open3.capture3(*program, "--help").last.exitstatus).to eq(0)
    end
  end
end
