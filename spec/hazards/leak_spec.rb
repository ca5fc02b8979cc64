# frozen_string_literal: true

RSpec.describe "Leaks" do
  Leaks::SCENARIOS.each do |what, (code, count)|
    it "does not grow by #{what}" do
      out = apart(Leaks.program(code, count || Leaks::USUAL), timeout: 40)
      expect(out.lines.map(&:chomp)).to eq(Leaks::FLAT)
    end
  end
end
