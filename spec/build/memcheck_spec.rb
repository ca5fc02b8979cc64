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

  it "leaves alone a guest that reads at address 0, which is how its code checks a reference for null" do
    frames = "   at 0x541D05C: ???\n   by 0x48: ??? (in /lib/wasmtime_rb.so)"
    guest = "Invalid read of size 4\n#{frames}\n Address 0x0 is not stack'd, malloc'd or (recently) free'd"
    expect(described_class.new(log(guest)).complaints).to eq([])
    [guest.sub("Address 0x0", "Address 0x10"), guest.sub("???\n", "??? (in /lib/wasmtime_rb.so)\n"), guest.sub("read", "write")].each do |other|
      expect(described_class.new(log(other)).complaints).to eq([other])
    end
  end

  it "knows whether valgrind came to its end" do
    expect(described_class.new(log)).to be_complete
    expect(described_class.new("==42== Memcheck, a memory error detector")).not_to be_complete
  end
end
