# frozen_string_literal: true

# Runs the WASI programs of spec/guests/ for the specs in spec/wasi/.
module WasiGuests
  FOLDER = File.expand_path("../../fixtures/guests", __dir__)
  SOURCES = File.expand_path("../guests", __dir__)

  # What a command did: how it ended (`:returned`, a status, or the error), and what it wrote.
  Run = Struct.new(:ending, :stdout, :stderr)

  class << self
    # A guest, compiled once: `probe`, or a file of spec/guests/ with its extension.
    def guest(name)
      @guests ||= {}
      @guests[name] ||= Wasmtime::Module.from_file(File.extname(name).empty? ? compiled(name) : File.join(SOURCES, name))
    end

    # The probe as a component.
    def component
      @component ||= Wasmtime::Component::Component.from_file(compiled("probe_component"))
    end

    # A component linker with WASI.
    def component_linker
      @component_linker ||= Wasmtime::Component::Linker.new.tap { |linker| Wasmtime::WASI::P2.add_to_linker_sync(linker) }
    end

    # A linker with WASI.
    def linker
      @linker ||= Wasmtime::Linker.new.tap { |linker| Wasmtime::WASI::P1.add_to_linker_sync(linker) }
    end

    private

    def compiled(name)
      path = File.join(FOLDER, "#{name}.wasm")
      File.file?(path) ? path : raise("#{path} is missing: run `rake guests`")
    end
  end

  def guest(name)
    WasiGuests.guest(name)
  end

  # Fixtures that `rake fixtures` does not bring, and the task that does.
  TASKS = { "javascript_component" => "fixtures:javascript_component", "guests/http" => "guests", "guests/tcp" => "guests" }.freeze

  # The path of a fixture; without it the spec is skipped.
  def fixture(name)
    path = File.expand_path("../../fixtures/#{name}.wasm", __dir__)
    File.file?(path) ? path : skip("fixtures/#{name}.wasm is missing: run `rake #{TASKS.fetch(name, 'fixtures')}`")
  end

  def wasi_linker
    WasiGuests.linker
  end

  def wasi_config
    Wasmtime::WasiConfig.new
  end

  # Runs `probe` with arguments; the block may add to the configuration.
  def probe(*argv, linker: wasi_linker)
    stdout = +""
    stderr = +""
    config = wasi_config.set_argv(["probe", *argv]).set_stdout_buffer(stdout, 1 << 20).set_stderr_buffer(stderr, 1 << 20)
    yield config if block_given?
    Wasmtime::Store.open(wasi_config: config) { |store| Run.new(ending(store, linker), stdout, stderr) }
  end

  def ending(store, linker = wasi_linker, program = guest("probe"))
    linker.instantiate(store, program).invoke("_start")
    :returned
  rescue Wasmtime::WasiExit => e
    e.code
  rescue Wasmtime::Error => e
    e
  end

  # Runs the probe as a component, with preview 2.
  def component_probe(*argv, **options)
    stdout = +""
    stderr = +""
    config = wasi_config.set_argv(["probe", *argv]).set_stdout_buffer(stdout, 1 << 20).set_stderr_buffer(stderr, 1 << 20)
    yield config if block_given?
    Wasmtime::Store.open(wasi_config: config) { |store| Run.new(component_ending(store, **options), stdout, stderr) }
  end

  def component_ending(store, **options)
    Wasmtime::Component::WasiCommand.new(store, WasiGuests.component, WasiGuests.component_linker).call_run(store, **options)
    :returned
  rescue Wasmtime::WasiExit => e
    e.code
  rescue Wasmtime::Error => e
    e
  end

  # An action that worked and what it printed.
  def prints(text)
    have_attributes(ending: :returned, stdout: text, stderr: "")
  end

  # An action that failed with an errno.
  def fails_with(errno)
    have_attributes(ending: 1, stdout: "", stderr: "error: #{errno}\n")
  end
end

RSpec.configure do |config|
  config.include(WasiGuests, file_path: %r{spec/(wasi|programs)/})
  config.include(WasiGuests, file_path: %r{spec/wasmtime/wasi})
end
