# frozen_string_literal: true

require "open3"
require "rbconfig"

%w[README.md SECURITY.md].each do |document|
  RSpec.describe document do
    root = File.expand_path("..", __dir__)
    text = File.read(File.join(root, document))

    # Each block is a program of its own, as a reader would paste it. Files of Rails applications and suites are run by rails_app_spec.rb and
    # docs_spec.rb.
    blocks = text.enum_for(:scan, /^(<!-- needs Rails -->\n)?```ruby\n(.*?)^```/m).filter_map do |rails, code|
      [code, text[0...Regexp.last_match.begin(2)].count("\n") + 1] unless rails || code.match?(%r{\A# spec/\w+_spec\.rb$})
    end

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
