# frozen_string_literal: true

require "open3"
require "rbconfig"

RSpec.describe "examples" do
  root = File.expand_path("..", __dir__)
  # prism has its own spec: what it prints depends on the file it parses.
  examples = Dir[File.join(root, "examples/*.rb")].reject { |path| File.basename(path) == "prism.rb" }

  examples.each do |path|
    name = File.basename(path, ".rb")

    it "#{name} prints what examples/expected/#{name}.txt says" do
      fixture = File.read(path)[%r{fixtures/[\w/]+\.wasm}]
      skip "#{fixture} is missing: run `rake fixtures guests`" if fixture && !File.file?(File.join(root, fixture))
      output, error, status = Open3.capture3(RbConfig.ruby, "-I#{File.join(root, 'lib')}", path, chdir: root)
      expect(status).to be_success, error
      expect(output).to eq(File.read(File.join(root, "examples/expected/#{name}.txt")))
    end
  end

  it "each have an expected output, and each output an example" do
    expected = Dir[File.join(root, "examples/expected/*.txt")].map { |path| File.basename(path, ".txt") }
    expect(expected.sort - ["prism"]).to eq(examples.map { |path| File.basename(path, ".rb") }.sort)
  end
end
