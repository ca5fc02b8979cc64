# frozen_string_literal: true

RSpec.describe "Component::ImportReport", :untyped do
  include WitTypes

  level = [:enum, %w[info error]]
  logging = [:instance, [["level", [:type, level]], ["log-all", [:func, [["level", level], ["message", :string]], nil, false]],
                         ["flush", [:func, [], [:result, nil, nil], false]]]]
  blob = WitTypes.resource(:blob)
  blobs = [:instance, [["blob", [:resource, blob]],
                       ["[constructor]blob", [:func, [["size", :u32]], [:own, blob], false]],
                       ["[method]blob.read", [:func, [["self", [:borrow, blob]], ["count", :u32]], %i[list u8], false]],
                       ["[static]blob.merge", [:func, [["a", [:own, blob]], ["b", [:own, blob]]], [:own, blob], false]]]]

  def new_report(imports, *given, &)
    types = wit_type([:component, imports, []]).imports
    Wasmtime::Component.const_get(:ImportReport).new(types, Wasmtime::Component.const_get(:HostImports).new(*given), &)
  end

  def complaints(...)
    new_report(...).complaints
  end

  it "has nothing to say when all is there" do
    given = { "wasi:logging/logging" => { log_all: ->(_level, _message) {}, flush: -> {} },
              "test:host/blobs" => { blob: Class.new { def self.merge(one, other) = [one, other] } },
              run: proc {} }
    given["test:host/blobs"][:blob].class_eval do
      def initialize(size) = @size = size
      def read(count) = [0] * count
    end
    imports = [["wasi:logging/logging@0.1.0-draft", logging], ["test:host/blobs", blobs], ["run", [:func, [["x", :u8]], nil, false]]]
    expect(complaints(imports, given)).to eq([])
  end

  it "lists every import with its type in WIT" do
    function = [:func, [["p", level]], nil, true]
    expect(complaints([["wasi:logging/logging", logging], ["test:host/blobs", blobs], ["f", function]])).to eq(<<~LINES.lines(chomp: true))
      missing import "wasi:logging/logging" "log-all": expected func(level: level, message: string)
      missing import "wasi:logging/logging" "flush": expected func() -> result
      missing import "test:host/blobs" "blob": expected resource
      missing import "test:host/blobs" "[constructor]blob": expected func(size: u32) -> blob
      missing import "test:host/blobs" "[method]blob.read": expected func(self: borrow<blob>, count: u32) -> list<u8>
      missing import "test:host/blobs" "[static]blob.merge": expected func(a: blob, b: blob) -> blob
      missing import "f": expected async func(p: enum { info, error })
    LINES
  end

  it "leaves out what the linker has, whole interfaces as well" do
    paths = []
    defined = ->(path) { (paths << path) && (path == ["test:host/blobs"] || path.last == "flush") }
    expect(complaints([["wasi:logging/logging", logging], ["test:host/blobs", blobs]], &defined))
      .to eq(['missing import "wasi:logging/logging" "log-all": expected func(level: level, message: string)'])
    expect(paths).to eq([["wasi:logging/logging"], %w[wasi:logging/logging log-all], %w[wasi:logging/logging flush], ["test:host/blobs"]])
  end

  it "says what was given that is no function, no resource and no module" do
    imports = [["f", [:func, [], nil, false]], ["r", [:resource, blob]], ["m", [:module, [], []]], ["c", [:component, [], []]]]
    expect(complaints(imports, { f: 5, r: "text", m: Object.new, c: 1 })).to eq(
      ['import "f": expected func(), given Integer (no function: it has no `call`)', 'import "r": expected resource, given String (no class)',
       'import "m": expected (module), given Object (no core module)',
       'import "c": expected component, given Integer (it cannot be defined from Ruby)']
    )
    expect(complaints(imports)).to eq(['missing import "f": expected func()', 'missing import "r": expected resource',
                                       'missing import "m": expected (module)', 'missing import "c": expected component'])
  end

  it "takes a core module" do
    expect(complaints([["m", [:module, [], []]]], { m: Wasmtime::Module.new("(module)") })).to eq([])
  end

  describe "about parameters" do
    def takes(callable, count)
      params = (1..count).map { |n| ["p#{n}", :u8] }
      complaints([["f", [:func, params, nil, false]]], { f: callable }).first&.slice(/given .*/)
    end

    it "counts those of lambdas and methods" do
      expect(takes(->(a, b) { [a, b] }, 2)).to be_nil
      expect(takes(->(a, b = 1) { [a, b] }, 1)).to be_nil
      expect(takes(->(*all) { all }, 3)).to be_nil
      expect(takes(->(a, b) { [a, b] }, 1)).to eq("given a callable that takes 2 arguments")
      expect(takes(->(a) { a }, 2)).to eq("given a callable that takes 1 argument")
      expect(takes(->(a, b = 1) { [a, b] }, 3)).to eq("given a callable that takes 1..2 arguments")
      expect(takes(->(a, b, *c) { [a, b, c] }, 1)).to eq("given a callable that takes 2 or more arguments")
      expect(takes(5.method(:between?), 1)).to eq("given a callable that takes 2 arguments")
    end

    it "lets blocks of the other kind take what they like" do
      expect(takes(proc { |a, b| [a, b] }, 1)).to be_nil
    end

    it "knows that nobody gives a keyword" do
      expect(takes(->(a, at:) { [a, at] }, 1)).to eq("given a callable that takes 1 argument and needs the keyword at:")
      expect(takes(->(a, at: 1) { [a, at] }, 1)).to be_nil
    end

    it "counts those of a resource's functions" do
      klass = Class.new do
        def self.merge(one) = one

        def read = []
      end
      expect(complaints([["test:host/blobs", blobs_type]], { "test:host/blobs" => { blob: klass } }).map { |line| line.slice(/given .*/) }).to eq(
        ["given a callable that takes 0 arguments", "given a method that takes 0 arguments besides self", "given a callable that takes 1 argument"]
      )
    end

    define_method(:blobs_type) { blobs }
  end

  describe "about close names" do
    it "names one of the interface" do
      expect(complaints([["wasi:logging/logging", logging]], { "wasi:logging/logging" => { log_al: -> {}, flush: -> {} } }))
        .to eq(['missing import "wasi:logging/logging" "log-all": expected func(level: level, message: string), did you mean "log-al"?'])
    end

    it "names an interface" do
      expect(complaints([["wasi:logging/logging", logging]], { "wasi:loging/logging" => {} }))
        .to all(end_with(', did you mean the interface "wasi:loging/logging"?'))
    end

    it "names a function without an interface" do
      expect(complaints([["log-all", [:func, [], nil, false]]], { log_aal: -> {} }))
        .to eq(['missing import "log-all": expected func(), did you mean "log-aal"?'])
    end

    it "names a function of the same kind and resource" do
      klass = Class.new do
        def self.marge(one, other) = [one, other]

        def self.reed = 1

        def initialize(size) = @size = size

        def reads(count) = count
      end
      expect(complaints([["test:host/blobs", blobs]], { "test:host/blobs" => { blob: klass } }).map { |line| line.slice(/, did.*/) })
        .to eq([', did you mean "[method]blob.reads"?', ', did you mean "[static]blob.marge"?'])
    end

    it "names none that answers something else" do
      get, set = %w[get-it set-it].map { |name| [name, [:func, [], nil, false]] }
      expect(complaints([get, set], { set_it: -> {} })).to eq(['missing import "get-it": expected func()'])
      one, two = %w[a:b/one a:b/onf].map { |name| [name, [:instance, [["f", [:func, [], nil, false]]]]] }
      expect(complaints([one, two], { "a:b/onf" => { f: -> {} } })).to eq(['missing import "a:b/one" "f": expected func()'])
    end

    it "names none that is far" do
      expect(complaints([["f", [:func, [], nil, false]]], { quite_other: -> {} })).to eq(['missing import "f": expected func()'])
    end
  end

  it "asks for a resource of several interfaces once, where it comes from" do
    use = [:instance, [["blob", [:resource, blob]], ["f", [:func, [["b", [:own, blob]]], nil, false]]]]
    imports = [["test:host/blobs", blobs], ["test:host/use", use]]
    expect(complaints(imports, { "test:host/use" => { f: ->(b) { b } } }).grep(/resource/))
      .to eq(['missing import "test:host/blobs" "blob": expected resource'])
    missing = ['missing import "test:host/use" "f": expected func(b: blob)']
    expect(complaints(imports) { |path| path.first == "test:host/blobs" }).to eq(missing)
    expect(complaints(imports) { |path| path[0] == "test:host/blobs" && path.size == 2 }).to eq(missing)
  end

  it "asks within interfaces of interfaces" do
    nested = [["outer", [:instance, [["inner", logging]]]]]
    expect(complaints(nested, { outer: { inner: { flush: -> {} } } }))
      .to eq(['missing import "outer" "inner" "log-all": expected func(level: level, message: string)'])
    expect(complaints(nested).size).to eq(2)
  end

  describe "as an error" do
    it "is a LinkError with all lines" do
      error = new_report([["f", [:func, [], nil, false]], ["g", [:func, [], :u8, false]]]).error("unknown import")
      expect(error).to be_an_instance_of(Wasmtime::LinkError)
      expect(error.message.lines(chomp: true))
        .to eq(["cannot link the component:", '  missing import "f": expected func()', '  missing import "g": expected func() -> u8'])
    end

    it "says what Wasmtime says when there is nothing else" do
      expect(new_report([]).error("it does not fit").message).to eq("cannot link the component:\n  it does not fit")
    end

    it "knows what WASI programs need" do
      run = [:instance, [["f", [:func, [], nil, false]]]]
      expect(new_report([["wasi:cli/environment@0.2.0", run], ["wasi:io/poll@0.2.0", run]]).error.message.lines.last)
        .to eq("the component is a WASI program: define its functions with Wasmtime::WASI::P2.add_to_linker_sync(linker), instantiate it with the " \
               "linker, and give the store a WasiConfig")
      expect(new_report([["wasi:http/outgoing-handler@0.2.0", run]]).error.message.lines.last)
        .to eq("the component makes HTTP requests: define the functions for it with Wasmtime::WASI::HTTP.add_to_linker_sync(linker)")
      expect(new_report([["wasi:io/poll@0.2.0", run], ["f", [:func, [], nil, false]]]) { |path| path.size == 2 }.error.message).not_to include("WASI")
    end
  end

  it "is not public" do
    expect { Wasmtime::Component::ImportReport }.to raise_error(NameError)
  end
end
