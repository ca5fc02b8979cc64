# frozen_string_literal: true

RSpec.describe "Wasmtime::Railtie::LogSubscriber", :rails do
  # What is logged for one event after the other.
  def logged(code, level: "DEBUG", setup: "")
    RailsApplication.run(self, <<~RUBY, files: {}).lines(chomp: true)
      #{setup}
      Rails.application.initialize!
      LOGGER.level = Logger::#{level}
      USAGE = Wasmtime::Usage.new(wall: 0.5, fuel: nil, peak_memory: 6 << 20, host_calls: 0)
      def event(name, **payload)
        ActiveSupport::Notifications.instrument("\#{name}.wasmtime", plugin: "redact", **payload)
      end
      #{code}
    RUBY
  end

  it "logs a call at debug: plugin, function, outcome, time and memory" do
    line = logged("event('call', function: 'redact', outcome: :ok, duration: 0.0052, usage: USAGE)")
    expect(line).to eq(["DEBUG   Wasmtime redact.redact  ok (5.2ms | 6.0 MiB)"])
  end

  it "adds fuel and host calls where there are some" do
    lines = logged(<<~RUBY)
      usage = Wasmtime::Usage.new(wall: 0.5, fuel: 1200, peak_memory: 0, host_calls: 3)
      event("call", function: "redact", outcome: :timeout, duration: 1, usage: usage)
      event("call", function: "redact", outcome: :checkout_timeout, duration: 1)
    RUBY
    expect(lines).to eq(["DEBUG   Wasmtime redact.redact  timeout (1000.0ms | 0.0 MiB | 1200 fuel | 3 host calls)",
                         "DEBUG   Wasmtime redact.redact  checkout_timeout (1000.0ms)"])
  end

  it "takes the time of the event itself when there is no other" do
    expect(logged("event('compile')")).to contain_exactly(match(/\AINFO   Wasmtime redact  compiled \(\d+\.\dms\)\z/))
  end

  it "logs a compilation at info, and at error what cannot be loaded" do
    expect(logged("event('compile', duration: 2.88)\nevent('compile', duration: 0.1, error: Wasmtime::CompileError.new('type mismatch'))")).to eq(
      ["INFO   Wasmtime redact  compiled (2880.0ms)", "ERROR   Wasmtime redact  cannot be loaded: type mismatch"]
    )
  end

  it "warns of a trap, and says which, once" do
    expect(logged("event('trap', function: 'spin', outcome: :timeout, error: RuntimeError.new('plugin redact: spin: it took too long'))")).to eq(
      ["WARN   Wasmtime redact.spin  timeout: it took too long"]
    )
  end

  it "logs no more than the level asks for" do
    events = "event('call', function: 'f', outcome: :ok)\nevent('compile')\nevent('trap', function: 'f', outcome: :trap)"
    expect(logged(events, level: "WARN")).to eq(["WARN   Wasmtime redact.f  trap"])
    expect(logged(events, level: "ERROR")).to eq([])
  end

  it "keeps a guest's text in one line, without control characters, of bounded length" do
    lines = logged(<<~'RUBY')
      event("trap", function: "f\e[31m\nERROR forged", outcome: :trap, error: RuntimeError.new("a\nERROR forged \xFF \u2028" + ("x" * 10_000)))
    RUBY
    expect(lines.size).to eq(1)
    expect(lines.first).to start_with('WARN   Wasmtime redact.f\x1B[31m ERROR forged  trap: a ERROR forged ? \u{2028}xxx').and end_with("bytes more)")
    expect(lines.first.length).to be < 700
  end

  it "does not fail a call when it cannot log" do
    expect(logged("event('call', function: 'f', usage: :no_usage)\nputs :goes_on")).to match(
      [/\AERROR Could not log "call\.wasmtime": NoMethodError.*/, "goes_on"]
    )
  end

  it "uses colours where Rails does" do
    expect(logged("event('trap', function: 'f', outcome: :trap)", setup: "Application.config.colorize_logging = true")).to eq(
      ["WARN   \e[31mWasmtime redact.f\e[0m  trap"]
    )
  end
end
