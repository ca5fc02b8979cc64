# frozen_string_literal: true

RSpec.describe "text that plugins have a say in" do
  def line(...) = Wasmtime::Plugin.const_get(:Untrusted).line(...)

  {
    "plain zwölf 日本 👍" => "plain zwölf 日本 👍",
    "a\nb\r\tc\0" => "a\\x0Ab\\x0D\\x09c\\x00",
    "\e]0;title\a\x7f" => "\\x1B]0;title\\x07\\x7F",
    "\u009b31m\u0085" => "\\u{009B}31m\\u{0085}",
    "\u202Eabc\u2066\u200F" => "\\u{202E}abc\\u{2066}\\u{200F}",
    "a\u2028b\u2029c\u{E0001}" => "a\\u{2028}b\\u{2029}c\\u{E0001}",
    "\xC3(\xFF".b => "\uFFFD(\uFFFD",
    5 => "5", nil => ""
  }.each do |text, shown|
    it "shows #{text.inspect} as #{shown}" do
      expect(line(text)).to eq(shown).and(have_attributes(encoding: Encoding::UTF_8))
    end
  end

  it "is cut, and what is cut off is counted in bytes" do
    expect([line("x" * 2000), line("x" * 2001)]).to eq(["x" * 2000, "#{'x' * 2000}... (1 bytes more)"])
    expect(line("üüü", 2)).to eq("üü... (2 bytes more)")
    expect(line("👍" * 3, 2)).to eq("👍👍... (4 bytes more)")
  end

  it "is not changed itself" do
    text = "a\nb\xff".b.freeze
    line(text)
    expect([text, text.encoding]).to eq(["a\nb\xff".b, Encoding::BINARY])
  end
end
