# frozen_string_literal: true

# What a host block may do where WIT declares a `result`.
RSpec.describe "Results of host blocks" do
  let(:fallible) { %i[result u32 string] }
  let(:ok) { Wasmtime::Component::Result.ok(0) }

  def answer(type, given = Wasmtime::Component::Result.ok(0), &) = guest(type, &).invoke("echo", given)
  def raising(value) = ->(_) { raise Wasmtime::Component::ResultError, value }

  it "are Results, or what is inside when all is well" do
    expect(answer(fallible) { Wasmtime::Component::Result.ok(7) }).to eq(Wasmtime::Component::Result.ok(7))
    expect(answer(fallible) { Wasmtime::Component::Result.error("no") }).to eq(Wasmtime::Component::Result.error("no"))
    expect(answer(fallible) { 7 }).to eq(Wasmtime::Component::Result.ok(7))
  end

  it "are errors that were raised" do
    expect(answer(fallible, &raising("no such"))).to eq(Wasmtime::Component::Result.error("no such"))
    expect(answer([:result, :u32, %i[list u8]], &raising([1, 2]))).to eq(Wasmtime::Component::Result.error([1, 2]))
  end

  it "are nobody's business where the type has no value" do
    nothing = Wasmtime::Component::Result.ok
    expect(answer([:result, nil, :string], nothing) { Object.new }).to eq(nothing)
    expect(answer([:result, nil, nil], nothing) { nil }).to eq(nothing)
    expect(answer([:result, nil, nil], nothing, &raising(nil))).to eq(Wasmtime::Component::Result.error)
  end

  it "name the place when they do not fit" do
    expect { answer(fallible) { "7" } }.to raise_error(Wasmtime::ResultError, /\Ainvalid result, ok: expected u32, got "7" in #<Proc:/)
    expect { answer(fallible) { Wasmtime::Component::Result.error(7) } }
      .to raise_error(Wasmtime::ResultError, /\Ainvalid result, error: expected string, got 7 in #<Proc:/)
    expect { answer(fallible, &raising(7)) }.to raise_error(Wasmtime::ResultError, /\Ainvalid result, error: expected string, got 7 in #<Proc:/)
    expect { answer([:result, nil, nil], Wasmtime::Component::Result.ok, &raising(7)) }
      .to raise_error(Wasmtime::ResultError, /\Ainvalid result, error: expected no value, got 7 in #<Proc:/)
  end

  it "leave the call when another type is declared, or another exception is raised" do
    error = Wasmtime::Component::ResultError.new("no")
    expect { answer(:u32, 1) { raise error } }.to raise_error(be(error))
    boom = RuntimeError.new("boom")
    expect { answer(fallible) { raise boom } }.to raise_error(be(boom))
  end

  it "are Results only as the whole result" do
    expect { answer([:tuple, [fallible]], [ok]) { [7] } }
      .to raise_error(Wasmtime::ResultError, /\Ainvalid result, tuple item 0: expected result, got 7 in #<Proc:/)
    expect(answer([:tuple, [fallible]], [ok]) { [Wasmtime::Component::Result.ok(7)] }).to eq([Wasmtime::Component::Result.ok(7)])
  end
end
