# frozen_string_literal: true

require "fileutils"
require "open3"
require "rbconfig"
require "tmpdir"

# The guides. What a guide shows is done, all of it in one folder: files are written (their first line is a comment with their path), programs are
# run and must print what their comments say, suites must pass. What stands below `<!-- needs Rails -->`, or speaks of Rails, is only parsed.
class Guide
  Block = Struct.new(:language, :code, :line, :needs_rails, keyword_init: true) do
    # @return [String, nil] where it belongs, when it is a file
    def path
      code[%r{\A(?:#|;;) ([\w.-]+(?:/[\w.-]+)+|\w+\.\w+)$}, 1]
    end

    def suite?
      path.to_s.match?(/_(spec|test)\.rb\z/)
    end

    def ruby?
      language == "ruby"
    end

    def program?
      ruby? && path.nil? && !needs_rails
    end
  end

  LIB = File.expand_path("../lib", __dir__)
  RAILS = /\brails_helper\b|\bRails\./

  # @param text [String] Markdown
  def initialize(text)
    @text = text
  end

  # @return [Array<Block>]
  def blocks
    @blocks ||= @text.enum_for(:scan, /^(<!-- needs Rails -->\n+)?```(\w+)\n(.*?)^```/m).map do
      match = Regexp.last_match
      Block.new(language: match[2], code: match[3], line: @text[0...match.begin(3)].count("\n") + 1,
                needs_rails: !match[1].nil? || match[3].match?(RAILS))
    end
  end

  # @yieldparam folder [String] with the files of the guide
  def in_folder
    Dir.mktmpdir do |folder|
      blocks.select { |block| block.path && !block.needs_rails }.each do |block|
        path = File.join(folder, block.path)
        FileUtils.mkdir_p(File.dirname(path))
        File.write(path, block.code)
      end
      yield folder
    end
  end

  # @return [Array(String, Process::Status)] what it printed
  def run(block)
    in_folder do |folder|
      Open3.capture2e({ "XDG_CACHE_HOME" => folder }, RbConfig.ruby, "-W0", "-I", LIB, *command(block), chdir: folder,
                                                                                                        stdin_data: block.path ? "" : block.code)
    end
  end

  private

  def command(block)
    return ["-"] if block.program?

    block.path.end_with?("_spec.rb") ? ["-S", "rspec", "--no-color", block.path] : ["-rminitest/autorun", block.path]
  end
end

RSpec.describe Guide do
  root = File.expand_path("..", __dir__)
  guides = %w[docs/rspec.md docs/apps.md docs/rails.md].select { |name| File.exist?(File.join(root, name)) }

  guides.each do |name|
    describe name do
      guide = described_class.new(File.read(File.join(root, name)))

      it "has code" do
        expect(guide.blocks.select(&:ruby?)).not_to be_empty
      end

      guide.blocks.select(&:ruby?).each do |block|
        it "has Ruby at line #{block.line}" do
          expect { RubyVM::InstructionSequence.compile(block.code) }.not_to raise_error
        end
      end

      guide.blocks.select(&:program?).each do |block|
        it "has a program at line #{block.line} that prints what its comments say" do
          expected = block.code.scan(/# prints (.*)$/).flatten
          expect(expected).not_to be_empty
          output, status = guide.run(block)
          expect(status).to be_success, output
          expect(output.lines(chomp: true)).to eq(expected)
        end
      end
    end
  end

  # `readme_spec.rb` runs the programs of the README.
  ["README.md", *guides].each do |name|
    guide = described_class.new(File.read(File.join(root, name)))
    guide.blocks.select { |block| block.suite? && !block.needs_rails }.each do |block|
      it "has a suite in #{name} at line #{block.line} that passes" do
        output, status = guide.run(block)
        expect(status).to be_success, output
        expect(output).to match(/\b[1-9]\d* (examples?|runs), .*\b0 failures/)
        expect(output).not_to match(/[1-9]\d* (errors|pending|skips)/)
      end
    end
  end

  describe "how it reads a guide" do
    let(:text) do
      <<~TEXT
        ```wat
        ;; spec/fixtures/a.wat
        (module)
        ```
        ```ruby
        # spec/a_spec.rb
        RSpec.describe("a") { it { expect(File.read("spec/fixtures/a.wat")).to include("(module)") } }
        ```
        ```ruby
        # test/b_test.rb
        class BTest < Minitest::Test
          def test_b = flunk
        end
        ```
        ```ruby
        # Adds up.
        puts 1 + 1 # prints 2
        ```
        <!-- needs Rails -->
        ```ruby
        # config/initializers/wasmtime.rb
        Rails.application
        ```
        ```sh
        ls
        ```
      TEXT
    end
    let(:guide) { described_class.new(text) }

    it "knows files, suites and programs" do
      expect(guide.blocks.map(&:path)).to eq(["spec/fixtures/a.wat", "spec/a_spec.rb", "test/b_test.rb", nil, "config/initializers/wasmtime.rb", nil])
      expect(guide.blocks.map(&:line)).to eq([2, 6, 10, 16, 21, 25])
      expect(guide.blocks.map(&:program?)).to eq([false, false, false, true, false, false])
      expect(guide.blocks.map(&:suite?)).to eq([false, true, true, false, false, false])
      expect(guide.blocks.map(&:needs_rails)).to eq([false, false, false, false, true, false])
    end

    it "runs them where their files are" do
      _, spec, test, program = guide.blocks
      expect(guide.run(spec).last).to be_success
      expect(guide.run(test).last).not_to be_success
      expect(guide.run(program).first).to eq("2\n")
      files = guide.in_folder { |folder| Dir.glob("**/*.*", base: folder) }
      expect(files).to contain_exactly("spec/fixtures/a.wat", "spec/a_spec.rb", "test/b_test.rb")
    end
  end
end
