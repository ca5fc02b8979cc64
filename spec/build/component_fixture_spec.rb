# frozen_string_literal: true

require_relative "../../rakelib/component_fixture"

RSpec.describe ComponentFixture do
  # A tool that writes what it was called with.
  tool = <<~SH
    #!/bin/sh
    for last; do :; done
    echo "$@" > "$last"
  SH
  made = "component new fixtures/program.wasm --adapt wasi_snapshot_preview1=fixtures/adapter.wasm -o fixtures/a.wasm\n"

  def fixture(sha256)
    described_class.new("a", program: "program.wasm", adapter: "adapter.wasm", tool: "tool", sha256: sha256)
  end

  around do |example|
    Dir.mktmpdir do |folder|
      Dir.chdir(folder) do
        Dir.mkdir("fixtures")
        File.write("fixtures/tool", tool, perm: 0o755)
        example.run
      end
    end
  end

  it "is made of the program and the adapter by the tool, unless it is there" do
    component = fixture(Digest::SHA256.hexdigest(made))
    component.fetch
    expect(File.read("fixtures/a.wasm")).to eq(made)
    File.delete("fixtures/tool")
    component.fetch
  end

  it "is made again when it is another" do
    File.write("fixtures/a.wasm", "another")
    fixture(Digest::SHA256.hexdigest(made)).fetch
    expect(File.read("fixtures/a.wasm")).to eq(made)
  end

  it "is not kept when its sha256 is not the pinned one" do
    expect { fixture("0" * 64).fetch }.to raise_error(Fixture::Missing, %r{\Afixtures/a\.wasm is not the file whose sha256 the project pins})
    expect(File.exist?("fixtures/a.wasm")).to be false
  end

  it "says in one sentence that the tool failed, or is none of this machine's" do
    sentence = "fixtures/tool could not make fixtures/a.wasm of fixtures/program.wasm; it runs on Linux on x86-64."
    File.write("fixtures/tool", "#!/bin/sh\nexit 1\n")
    expect { fixture("0" * 64).fetch }.to raise_error(Fixture::Missing, sentence)
    File.delete("fixtures/tool")
    expect { fixture("0" * 64).fetch }.to raise_error(Fixture::Missing, sentence)
  end
end
