# frozen_string_literal: true

require "tmpdir"
require "zlib"

RSpec.describe "resvg, an SVG renderer in Rust" do
  before(:all) { @program = Wasmtime::Module.from_file(fixture("resvg")) }

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  def resvg(svg, permissions: :read_write)
    Dir.mkdir(File.join(@folder, "in"))
    Dir.mkdir(File.join(@folder, "out"))
    File.write(File.join(@folder, "in/a.svg"), svg)
    errors = +""
    config = wasi_config.set_argv(%w[resvg /in/a.svg /out/a.png]).set_stderr_buffer(errors, 10_000)
    config.set_mapped_directory(File.join(@folder, "in"), "/in", :read_only).set_mapped_directory(File.join(@folder, "out"), "/out", permissions)
    [Wasmtime::Store.open(wasi_config: config) { |store| ending(store, wasi_linker, @program) }, errors]
  end

  # Width, height and rows of RGBA pixels of a PNG file with 8 bits a channel.
  def read_png(path)
    bytes = File.binread(path)
    expect(bytes.byteslice(0, 8)).to eq("\x89PNG\r\n\x1a\n".b)
    width, height, depth, colour = bytes.byteslice(16, 10).unpack("NNCC")
    expect([depth, colour]).to eq([8, 6])
    [width, height, unfilter(Zlib::Inflate.inflate(image_data(bytes)), width, height)]
  end

  def image_data(bytes)
    at = 8
    data = "".b
    while at < bytes.bytesize
      length, type = bytes.byteslice(at, 8).unpack("Na4")
      data << bytes.byteslice(at + 8, length) if type == "IDAT"
      at += length + 12
    end
    data
  end

  def unfilter(raw, width, height)
    above = [0] * (width * 4)
    Array.new(height) do |row|
      filter, *line = raw.byteslice(row * ((width * 4) + 1), (width * 4) + 1).bytes
      line.each_index do |i|
        left, corner = i < 4 ? [0, 0] : [line[i - 4], above[i - 4]]
        line[i] = (line[i] + [0, left, above[i], (left + above[i]) / 2, paeth(left, above[i], corner)].fetch(filter)) & 255
      end
      above = line
      line.each_slice(4).to_a
    end
  end

  def paeth(left, above, corner)
    estimate = left + above - corner
    [left, above, corner].min_by { |value| (estimate - value).abs }
  end

  it "draws a picture through one folder to read and one to write" do
    ending, errors = resvg(<<~SVG)
      <svg xmlns="http://www.w3.org/2000/svg" width="64" height="48">
        <rect width="64" height="48" fill="#0000ff"/>
        <rect x="16" y="12" width="32" height="24" fill="#ff0000"/>
        <rect x="60" y="44" width="4" height="4" fill="#00ff00" fill-opacity="0.5"/>
      </svg>
    SVG
    expect([ending, errors]).to eq([:returned, ""])
    width, height, rows = read_png(File.join(@folder, "out/a.png"))
    expect([width, height]).to eq([64, 48])
    expect([rows[0][0], rows[24][32], rows[12][16], rows[11][16], rows[35][47], rows[36][47]])
      .to eq([[0, 0, 255, 255], [255, 0, 0, 255], [255, 0, 0, 255], [0, 0, 255, 255], [255, 0, 0, 255], [0, 0, 255, 255]])
    expect(rows[46][62]).to match([0, be_within(1).of(128), be_within(1).of(127), 255])
    expect(rows.flatten(1).tally.values.sum).to eq(64 * 48)
  end

  it "cannot write where it may only read" do
    ending, errors = resvg('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', permissions: :read_only)
    expect(errors).to match(/Error/)
    expect(ending).to eq(1).or eq(:returned)
    expect(Dir.children(File.join(@folder, "out"))).to eq([])
  end

  it "says what is wrong with a file that is no SVG" do
    _, errors = resvg("no picture")
    expect(errors).to eq("Error: unknown token at 1:1.\n")
  end
end
