# frozen_string_literal: true

require_relative "fixture"

# A program for WASI preview 1 made into a component, by wasm-tools and an adapter that turns preview 1 into preview 2. All three are fixtures
# that were fetched before.
class ComponentFixture < Fixture
  # @param name [String] the file is `fixtures/NAME.wasm`
  # @param program [String] file of the program
  # @param adapter [String] file of the adapter
  # @param tool [String] file of wasm-tools
  # @param sha256 [String] of the component
  def initialize(name, program:, adapter:, tool:, sha256:) # rubocop:disable Lint/MissingSuper
    @file = "#{name}.wasm"
    @program, @adapter, @tool = [program, adapter, tool].map { |file| File.join(FOLDER, file) }
    @sha256 = sha256
  end

  # Makes the component unless it is there.
  # @raise [Missing] in one sentence
  def fetch
    return if present?

    made = quietly(@tool, "component", "new", @program, "--adapt", "wasi_snapshot_preview1=#{@adapter}", "-o", path)
    raise Missing, "#{@tool} could not make #{path} of #{@program}; it runs on Linux on x86-64." unless made

    verify(path, @sha256)
  end
end
