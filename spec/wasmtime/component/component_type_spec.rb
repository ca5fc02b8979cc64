# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ComponentType, :untyped do
  include WitTypes

  def func(params, result = nil)
    [:func, params.to_a, result, false]
  end

  def world(imports, exports)
    wit_type([:component, imports, exports])
  end

  let(:type) { world([["log", func({ "message" => :string })]], [["run", func({}, [:result, nil, nil])]]) }

  it "has imports and exports, frozen" do
    expect(type).to be_an_instance_of(described_class).and be_frozen
    expect(type.imports).to eq("log" => Wasmtime::Component::FuncType.new({ message: :string })).and be_frozen
    expect(type.exports).to eq("run" => Wasmtime::Component::FuncType.new({}, Wasmtime::Component::ResultType.new)).and be_frozen
    expect(Ractor.shareable?(type)).to be(true)
  end

  it "is equal to one of the same imports and exports" do
    same = world([["log", func({ "message" => :string })]], [["run", func({}, [:result, nil, nil])]])
    expect(same).to eq(type)
    expect(same.hash).to eq(type.hash)
    expect(world([], [["run", func({}, [:result, nil, nil])]])).not_to eq(type)
  end

  it "takes part in pattern matching" do
    case type
    in Wasmtime::Component::ComponentType[{ log: _ }, { run: { result: } }] then expect(result.to_s).to eq("result")
    end
    case world([], [["test:guest/run@1.0.0", [:instance, [["run", func({})]]]]])
    in { exports: { "test:guest/run@1.0.0": { exports: { run: } } } } then expect(run.to_s).to eq("func()")
    end
  end

  it "reads by the names of its imports and exports" do
    expect(type.inspect).to eq("#<Wasmtime::Component::ComponentType imports: log; exports: run>")
  end

  it "prints as a world" do
    expect(type.to_s).to eq("world root {\n  import log: func(message: string);\n  export run: func() -> result;\n}")
    expect(world([], []).to_s).to eq("world root {}")
  end

  it "prints its interfaces in full" do
    log = [:instance, [["level", [:type, [:enum, %w[info error]]]], ["log", func({ "level" => [:enum, %w[info error]] })]]]
    expect(world([["wasi:logging/logging@0.1.0-draft", log]], [["test:guest/run", [:instance, [["run", func({})]]]]]).to_s).to eq(<<~WIT.chomp)
      world root {
        import wasi:logging/logging@0.1.0-draft: interface {
          enum level {
            info,
            error,
          }
          log: func(level: level);
        }
        export test:guest/run: interface {
          run: func();
        }
      }
    WIT
  end

  it "uses the names of its own types, and not those of its interfaces" do
    point = [:record, [["x", :s32]]]
    spot = [:instance, [["spot", [:type, point]], ["f", func({ "p" => point })]]]
    kind = [:enum, %w[k]]
    imports = [["point", [:type, point]], ["a:b/c", spot]]
    expect(world(imports, [["kind", [:type, kind]], ["f", func({ "p" => point, "k" => kind })]]).to_s)
      .to eq(<<~WIT.chomp)
        world root {
          record point {
            x: s32,
          }
          import a:b/c: interface {
            record spot {
              x: s32,
            }
            f: func(p: spot);
          }
          export enum kind {
            k,
          }
          export f: func(p: point, k: kind);
        }
      WIT
  end

  it "says which interface a resource is from" do
    pollable = resource(:pollable)
    poll = [:instance, [["pollable", [:resource, pollable]], ["[method]pollable.block", func({ "self" => [:borrow, pollable] })]]]
    streams = [:instance, [["pollable", [:resource, pollable]], ["subscribe", func({}, [:own, pollable])]]]
    clocks = [:instance, [["timer", [:resource, pollable]], ["wait", func({ "t" => [:borrow, pollable] })]]]
    imports = [["wasi:io/poll@0.2.0", poll], ["wasi:io/streams@0.2.0", streams]]
    expect(world(imports, [["test:a/clocks", clocks], ["f", func({}, [:own, pollable])]]).to_s)
      .to eq(<<~WIT.chomp)
        world root {
          import wasi:io/poll@0.2.0: interface {
            resource pollable {
              block: func();
            }
          }
          import wasi:io/streams@0.2.0: interface {
            use wasi:io/poll@0.2.0.{pollable};
            subscribe: func() -> pollable;
          }
          export test:a/clocks: interface {
            use wasi:io/poll@0.2.0.{pollable as timer};
            wait: func(t: borrow<timer>);
          }
          export f: func() -> pollable;
        }
      WIT
  end

  it "prints resources without an interface" do
    counter = resource(:counter)
    members = [["counter", [:resource, counter]], ["[constructor]counter", func({}, [:own, counter])]]
    expect(world(members, []).to_s).to eq("world root {\n  resource counter {\n    constructor();\n  }\n}")
    expect(world([], members).to_s).to eq("world root {\n  export resource counter {\n    constructor();\n  }\n}")
  end

  it "prints components and modules within" do
    inner = [:component, [["f", func({})]], []]
    expect(world([["c", inner], ["m", [:module, [["a", "b", [:func, [], []]]], []]]], []).to_s)
      .to eq("world root {\n  import c: component {\n    import f: func();\n  }\n  import m: (module (import \"a\" \"b\" (func)));\n}")
  end
end
