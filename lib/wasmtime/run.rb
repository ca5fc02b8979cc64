# frozen_string_literal: true

# Programs in one line.
module Wasmtime
  class << self
    # Runs a program, a WASI command (preview 1) or a component that exports `wasi:cli/run`, and says how it went. Nothing is granted that is not
    # said: no environment, no files, no network, empty standard input. The GVL is free meanwhile; Ctrl-C, `Timeout` and `Thread#kill` end it.
    #
    # What the guest does wrong is in the result. What stops it from beginning (a file that is missing, code that does not compile, imports that
    # nobody gives) is raised, as is what an object given as a stream raises.
    #
    # A path is loaded with {load}, and so compiled once. For the main Ractor only.
    #
    # @param source [String, Pathname, Module, Component::Component, nil] a path, or the program itself
    # @param args [Array<String>] its arguments; its own name goes before them
    # @param wasm [String, #read, Module, Component::Component, nil] instead of a path: a binary, the text format, or an IO of either
    # @param stdin [String, #readpartial, #read, :inherit, :null, nil] see {WasiConfig#set_stdin}; a File or a pipe is not read whole
    # @param stdout [:capture, String, #write, Logger, #call, :inherit, :null, nil] :capture keeps it for {RunResult#stdout}; else see
    #   {WasiConfig#set_stdout}: all of it has arrived when the run ends
    # @param stderr [:capture, String, #write, Logger, #call, :inherit, :null, nil] the same for standard error
    # @param env [Hash{String => String}] the environment
    # @param dirs [Hash{String => String, Pathname, Array}] directories by the names the guest has for them; read-only, unless it is
    #   `["tmp", :read_write]`
    # @param timeout [Numeric, nil] seconds; nil is no limit
    # @param memory_size [Integer, nil] bytes that a memory may have; nil is no limit
    # @param fuel [Integer, nil] how much it may consume; nil does not count. Uses a variant of the default engine that counts
    # @param output [Integer, nil] bytes of each output stream that goes to Ruby; what is over it is dropped ({RunResult#truncated?}); nil is no limit
    # @param imports [Hash] what else it may call, as {Linker#define_all} and {Component::Linker#define_all}
    # @param argv0 [String, nil] its own name; nil is the name of the file
    # @param engine [Engine, nil] for what has to be compiled; nil is the default engine
    # @return [RunResult]
    # @raise [Error] when the file cannot be read, or is no program
    # @raise [CompileError] as {load}
    # @raise [CacheError] as {load}
    # @raise [LinkError] listing every import that is missing
    # @raise [TypeError] for arguments of another kind
    # @raise [ArgumentError] for a limit that is not above 0
    # @example
    #   result = Wasmtime.run("resvg.wasm", "/in/a.svg", "/out/a.png", dirs: { "/in" => "images", "/out" => ["tmp", :read_write] }, timeout: 5)
    #   raise result.stderr unless result.success?
    def run(source = nil, *args, wasm: nil, stdin: nil, stdout: :capture, stderr: :capture, env: {}, dirs: {}, timeout: nil, memory_size: nil,
            fuel: nil, output: 16 << 20, imports: {}, argv0: nil, engine: nil)
      raise Error, "Wasmtime.run is for the main Ractor: elsewhere use Store, Linker and WASI::P1" unless Ractor.current == Ractor.main

      program = Runner::Program.find(source, wasm, engine, fuel, imports)
      argv = [argv0 || program.name, *args]
      sandbox = Runner::Sandbox.new(argv: argv, env: env, dirs: dirs, stdin: stdin, stdout: stdout, stderr: stderr, limit: output)
      Runner.new(program, sandbox, timeout: timeout, memory_size: memory_size, fuel: fuel).result
    end

    # As {run}, for programs that are expected to succeed.
    # @param args [Array] as {run}
    # @param options [Hash{Symbol => Object}] as {run}
    # @return [RunResult] one that is a success
    # @raise [Error] {RunResult#error}, or a {WasiExit} for a status other than 0; its `result` is the {RunResult}
    # @example
    #   Wasmtime.run!("lint.wasm", stdin: source).stdout
    def run!(*args, **options)
      result = run(*args, **options)
      return result if result.success?

      raise (result.error || WasiExit.new(result.status))._with(result)
    end
  end
end
