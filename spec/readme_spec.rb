# frozen_string_literal: true

require "open3"
require "rbconfig"

%w[README.md SECURITY.md].each do |document|
  RSpec.describe document do
    root = File.expand_path("..", __dir__)
    text = File.read(File.join(root, document))

    # Each block is a program of its own, as a reader would paste it.
    blocks = text.enum_for(:scan, /^```ruby\n(.*?)^```/m).map { [Regexp.last_match(1), text[0...Regexp.last_match.begin(0)].count("\n") + 2] }

    it "has code" do
      expect(blocks).not_to be_empty
    end

    blocks.each do |code, line|
      it "has a program at line #{line} that prints what its comments say" do
        expected = code.scan(/# prints (.*)$/).flatten
        expect(expected).not_to be_empty
        output, status = Open3.capture2e(RbConfig.ruby, "-I#{File.join(root, 'lib')}", "-", stdin_data: code)
        expect(status).to be_success, output
        expect(output.lines(chomp: true)).to eq(expected)
      end
    end
  end
end
