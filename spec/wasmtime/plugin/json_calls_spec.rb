# frozen_string_literal: true

require "json"

RSpec.describe "Wasmtime::Plugin#call_json" do
  let(:guest_error) { Wasmtime::Plugin::GuestError }

  # A plugin whose function gives the same text each time.
  def giving(text, pages: 80)
    load_text(<<~WAT, limits: { timeout: 60 })
      (module (memory (export "memory") #{pages})
        (data (i32.const 65536) "#{text.b.gsub(/[^ -~]|["\\]/n) { |character| format('\\%02x', character.ord) }}")
        (func (export "allocate") (param i32) (result i32) i32.const 1024)
        (func (export "f") (param i32 i32) (result i32 i32) i32.const 65536 i32.const #{text.bytesize}))
    WAT
  end

  it "gives what JSON has words for, and makes no other objects" do
    text = '{"json_class":"String","raw":[104],"json/add":{"json_class":"Range","a":[1,2,false]},"^o":"Object"}'
    result = giving(text).call_json(:f, nil)
    expect(result).to eq("json_class" => "String", "raw" => [104], "json/add" => { "json_class" => "Range", "a" => [1, 2, false] }, "^o" => "Object")
  end

  it "does not make objects where json/add/core is loaded and the program's defaults say so" do
    fixture = giving('{"json_class":"Range","a":[1,2,false]}')
    File.write(File.join(folder, "keep.wat"), File.read(File.join(folder, "plugin.wat")))
    expect(fixture.call_json(:f, nil)).to be_a(Hash)
    expect(output_of(<<~RUBY)).to eq('{"json_class"=>"Range", "a"=>[1, 2, false]}')
      require "json/add/core"
      JSON.load_default_options[:create_additions] = true
      p Wasmtime::Plugin.load(#{File.join(folder, 'keep.wat').inspect}, cache_dir: false).call_json(:f, nil)
    RUBY
  end

  it "gives scalars, too" do
    expect(["5", "null", '"x"', "1.5e3"].map { |text| giving(text).call_json(:f, nil) }).to eq([5, nil, "x", 1500.0])
  end

  it "takes 100 levels, and no more" do
    expect(giving(("[" * 100) + ("]" * 100)).call_json(:f, nil)).to be_a(Array)
    error = raised { giving(("[" * 101) + ("]" * 101)).call_json(:f, nil) }
    expect(error).to be_a(guest_error).and(have_attributes(message: "plugin plugin: f: it gave no JSON: nesting of 101 is too deep"))
    expect(error.cause).to be_a(JSON::NestingError)
    nested = 101.times.reduce(1) { |inner, _| [inner] }
    expect { load_plugin(:module).call_json(:echo, nested) }.to raise_error(JSON::NestingError)
  end

  it "takes 4 MiB, and no more" do
    expect(giving("\"#{'x' * ((4 << 20) - 2)}\"").call_json(:f, nil).size).to eq((4 << 20) - 2)
    expect { giving("\"#{'x' * ((4 << 20) - 1)}\"").call_json(:f, nil) }
      .to raise_error(guest_error, "plugin plugin: f: it gave 4194305 bytes of JSON, and may give 4194304")
  end

  { "{" => /it gave no JSON: /, "" => /it gave no JSON: /, "NaN" => /it gave no JSON: /, "[1,]" => /it gave no JSON: /,
    "\"\xff\"" => /it gave JSON that is no UTF-8/, "\e[31m" => /\A[^\e]*it gave no JSON: [^\e]*\z/ }.each do |text, message|
    it "refuses #{text.inspect}" do
      error = raised { giving(text).call_json(:f, nil) }
      expect(error).to be_a(guest_error).and(have_attributes(message: message, usage: be_a(Wasmtime::Usage)))
    end
  end
end
