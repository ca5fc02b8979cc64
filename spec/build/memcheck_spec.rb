# frozen_string_literal: true

require_relative "../../rakelib/memcheck"

RSpec.describe Memcheck do
  def log(*blocks)
    [*blocks, "ERROR SUMMARY: #{blocks.size} errors"].join("\n\n").gsub(/^/, "==42== ")
  end

  def lost(*places)
    frames = places.each_with_index.map { |place, index| "   #{index.zero? ? 'at' : 'by'} 0x48: f (in /lib/#{place})" }
    ["25 bytes in 1 blocks are definitely lost in loss record 7 of 9", *frames].join("\n")
  end

  it "finds memory that the extension allocated and lost" do
    found = described_class.new(log(lost("vgpreload_memcheck.so", "wasmtime_rb.so", "libruby.so"))).complaints
    expect(found.size).to eq(1)
    expect(found.first).to start_with("25 bytes in 1 blocks")
  end

  it "leaves alone what Ruby lost, also on our behalf" do
    expect(described_class.new(log(lost("vgpreload_memcheck.so", "libruby.so", "wasmtime_rb.so"))).complaints).to eq([])
  end

  it "finds every invalid access, whosever it is" do
    invalid = "Invalid read of size 8\n   at 0x48: f (in /lib/libruby.so)"
    expect(described_class.new(log(invalid)).complaints).to eq([invalid])
  end

  it "knows whether valgrind came to its end" do
    expect(described_class.new(log)).to be_complete
    expect(described_class.new("==42== Memcheck, a memory error detector")).not_to be_complete
  end
end
