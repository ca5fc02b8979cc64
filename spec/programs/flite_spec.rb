# frozen_string_literal: true

require "tmpdir"

RSpec.describe "flite, a speech synthesizer in C" do
  before(:all) { @program = Wasmtime::Module.from_file(fixture("flite")) }

  # The text goes in through standard input; flite writes sound to files only.
  def speak(text)
    Dir.mktmpdir do |folder|
      errors = +""
      config = wasi_config.set_argv(%w[flite -f - -o /out/speech.wav]).set_stdin_string(text).set_stderr_buffer(errors, 10_000)
      config.set_mapped_directory(folder, "/out", :read_write)
      Wasmtime::Store.open(wasi_config: config) { |store| expect([ending(store, wasi_linker, @program), errors]).to eq([:returned, ""]) }
      File.binread(File.join(folder, "speech.wav"))
    end
  end

  it "speaks: a WAV file whose header says what follows" do
    wav = speak("hello")
    riff, size, wave, format, format_size, coding, channels, rate, byte_rate, block, bits, data, length = wav.unpack("a4Va4a4VvvVVvva4V")
    expect([riff, wave, format, format_size, data]).to eq(["RIFF", "WAVE", "fmt ", 16, "data"])
    # The bytes per second are flite's own mistake: twice what they should be.
    expect([coding, channels, rate, byte_rate, block, bits]).to eq([1, 1, 8000, 32_000, 2, 16])
    expect([size, length]).to eq([wav.bytesize - 8, wav.bytesize - 44])
    expect(wav.bytesize).to eq(12_920)
    expect(wav.byteslice(44..).unpack("s<*").map(&:abs).max).to be > 5000
  end

  it "speaks longer texts longer, and the same text the same" do
    short, long = ["hello", "hello hello hello hello"].map { |text| speak(text) }
    expect(long.bytesize).to be > short.bytesize * 2
    expect(speak("hello")).to eq(short)
  end

  it "exits with its help" do
    output = +""
    config = wasi_config.set_argv(%w[flite --help]).set_stdout_buffer(output, 10_000)
    Wasmtime::Store.open(wasi_config: config) { |store| expect(ending(store, wasi_linker, @program)).to eq(0) }
    expect(output).to start_with("flite: a small simple speech synthesizer\n")
  end
end
