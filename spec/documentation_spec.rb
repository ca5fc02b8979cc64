# frozen_string_literal: true

require "spec_helper"
require "wasmtime/tasks"
require "wasmtime/cli"
require "wasmtime/testing"
require "wasmtime/testing/assertions"
require "wasmtime/testing/matchers"

RSpec.describe Documentation do
  root = File.expand_path("..", __dir__)

  it "finds every public method of the gem documented and signed" do
    # What needs Rails is looked at where there is Rails: spec/wasmtime/rails/documentation_spec.rb.
    files = Dir[File.join(root, "{lib,sig}/**/*.{rb,rbs}")].grep_v(%r{/(?:railtie|rails/|generators/)})
    sources, signatures = files.partition { |path| path.end_with?(".rb") }
    checker = described_class.new(Wasmtime, sources: sources, signatures: signatures.map { |path| File.read(path) })

    expect(checker.methods).to include("Wasmtime.wat2wasm", "Wasmtime::Store.new", "Wasmtime::Func#call", "Wasmtime::Extern#to_func",
                                       "Wasmtime::Trap#initialize", "Wasmtime::Trap::Frame#func_index")
    expect(checker.complaints.join("\n")).to eq ""
  end

  # The checker itself, on modules made here.
  describe "what it finds" do
    def complaints(code, signatures)
      stub_const("Sample", Module.new).module_eval(code)
      described_class.new(Sample, sources: ["# A sample.\nmodule Sample\n#{code}\nend"], signatures: ["module Sample\n#{signatures}\nend"]).complaints
    end

    # Text with one line replaced or, for nil, without it.
    def change(text, line, replacement)
      changed = text.sub(/^ *#{Regexp.escape(line)}\n/) { |found| replacement ? found.sub(line) { replacement } : "" }
      changed == text ? raise("there is no line #{line}") : changed
    end

    complete = <<~RUBY
      # A door.
      class Door
        # How far it stands open.
        # @return [Integer]
        attr_reader :angle

        # @param angle [Integer]
        # @return [void]
        def initialize(angle = 0)
          @angle = angle
        end

        # @overload open
        #   Opens it wide.
        # @overload open(angle, slowly:)
        #   @param angle [Integer]
        #   @param slowly [Boolean]
        # @return [Integer] how far it stands open
        # @raise [RangeError] for an angle no door has
        # @yieldparam angle [Integer]
        def open(angle = 90, slowly: false)
          raise RangeError, "too far" if angle > 180

          yield angle if block_given? && slowly
          @angle = angle
        end

        # @param other [Object]
        # @return [Boolean] whether both stand alike
        def ==(other)
          other.is_a?(Door) && other.angle == angle
        end
        alias eql? ==

        # Shuts it.
        # @return [nil]
        def shut; end

        # @!method knock(times)
        #   Makes a noise.
        #   @param times [Integer]
        #   @return [nil]

        define_method(:knock) { |times| times }

        def _hinge; end

        private

        def lock; end
      end

      # A part nobody sees.
      module Hidden
        def self.undocumented; end
      end
      private_constant :Hidden
    RUBY
    signed = <<~RBS
      class Door
        attr_reader angle: Integer
        def initialize: (?Integer angle) -> void
        def open: () ?{ (Integer) -> void } -> Integer
                | (Integer angle, ?slowly: bool) ?{ (Integer) -> void } -> Integer
        def ==: (untyped other) -> bool
        alias eql? ==
        def shut: () -> nil
        def knock: (Integer times) -> nil
      end
    RBS

    it "has nothing to say about a module that is documented and signed" do
      expect(complaints(complete, signed)).to eq []
    end

    # What is left out, its line, what stands there instead, and what is found.
    [
      ["a description", "# How far it stands open.", nil, ["Sample::Door#angle: no description"]],
      ["a description of a class", "# A door.", nil, ["Sample::Door: no description"]],
      ["all documentation", "# @!method knock(times)", "# @!method pull(times)",
       ["Sample::Door#knock: not documented", "Sample::Door#pull: documented, but does not exist"]],
      ["a parameter", "# @param other [Object]", nil,
       ["Sample::Door#==: no @param with a type for other", "Sample::Door#eql?: no @param with a type for other"]],
      ["a parameter of one form", "#   @param slowly [Boolean]", nil, ["Sample::Door#open: no @param with a type for slowly"]],
      ["the type of a parameter", "#   @param slowly [Boolean]", "#   @param slowly", ["Sample::Door#open: no @param with a type for slowly"]],
      ["a return", "# @return [Integer]", nil, ["Sample::Door#angle: no @return"]],
      ["an exception", "# @raise [RangeError] for an angle no door has", nil, ["Sample::Door#open: no @raise for RangeError"]],
      ["an exception it speaks of", "# How far it stands open.", "# How far it stands open. Raises when it is gone.",
       ["Sample::Door#angle: says that it raises, but has no @raise"]],
      ["a block", "# @yieldparam angle [Integer]", nil, ["Sample::Door#open: no @yield or @yieldparam for its block"]],
      ["a parameter of a method that is not in the code", "# @!method knock(times)", "# @!method knock",
       ["Sample::Door#knock: @param for times, which it does not take", "Sample::Door#knock: documented with 0 arguments, takes 1",
        "YARD: @param tag has unknown parameter name: times in file `(stdin)' near line 46"]],
      ["a method", "def shut; end", "", ["Sample::Door#shut: has a signature, but does not exist"]],
      ["the privacy of a constant", "private_constant :Hidden", "",
       ["Sample::Hidden.undocumented: no @return", "Sample::Hidden.undocumented: no description",
        "Sample::Hidden.undocumented: no signature"]],
      ["the privacy of a method", "private", "",
       ["Sample::Door#lock: no @return", "Sample::Door#lock: no description", "Sample::Door#lock: no signature"]]
    ].each do |what, line, replacement, found|
      it "misses #{what}" do
        expect(complaints(change(complete, line, replacement), signed)).to eq found
      end
    end

    [
      ["a signature", "def ==: (untyped other) -> bool", nil, ["Sample::Door#==: no signature"]],
      ["the signature of a constructor", "def initialize: (?Integer angle) -> void", nil, ["Sample::Door#initialize: no signature"]],
      ["a form", "| (Integer angle, ?slowly: bool) ?{ (Integer) -> void } -> Integer", nil,
       ["Sample::Door#open: signature with 0 arguments, takes 0..1", "Sample::Door#open: signature without the keyword slowly"]],
      ["a keyword", "def shut: () -> nil", "def shut: (?fast: bool) -> nil",
       ["Sample::Door#shut: signature with the keyword fast, which it does not take"]],
      ["a method", "alias eql? ==", "alias eql? ==\n  def close: () -> nil", ["Sample::Door#close: has a signature, but does not exist"]]
    ].each do |what, line, replacement, found|
      it "misses #{what} when the signatures differ" do
        expect(complaints(complete, change(signed, line, replacement))).to eq found
      end
    end
  end
end
