# frozen_string_literal: true

RSpec.describe "Host resources" do
  let(:store) { Wasmtime::Store.new }
  let(:component) { Wasmtime::Component::Component.new(ResourceGuests::USER) }
  let(:kind) { Struct.new(:id) }
  # What a destructor was called with, and what blocks were given.
  let(:destroyed) { [] }
  let(:taken) { [] }
  let(:instance) { linker.instantiate(store, component) }
  let(:linker) { linking(kind) { |file| destroyed << file } }

  def linking(type, &)
    Wasmtime::Component::Linker.new.tap do |linker|
      linker.instance(ResourceGuests::FILES) do |files|
        files.resource("file", type, &)
        files.func_new("[constructor]file") { |id| kind.new(id) }
        files.func_new("[method]file.id") { |file| (taken << file).last.id }
        files.func_new("take") { |file| (taken << file).last.id }
      end
    end
  end

  it "are Ruby objects, the same that went in" do
    file = kind.new(5)
    instance.invoke("keep", file)
    expect(instance.invoke("ask")).to eq(5)
    expect(instance.invoke("kept")).to equal(file)
    expect([taken.size, taken.first.equal?(file), destroyed]).to eq([1, true, []])
  end

  it "are given to the destructor once, when the guest drops what it owns" do
    file = kind.new(5)
    instance.invoke("keep", file)
    instance.invoke("drop-kept")
    expect([destroyed.size, destroyed.first.equal?(file)]).to eq([1, true])
    expect { instance.invoke("drop-kept") }.to raise_error(Wasmtime::Error)
    expect(destroyed.size).to eq(1)
  end

  it "are the host's again when they come back as own, from a result and to a block" do
    file = kind.new(5)
    instance.invoke("keep", file)
    instance.invoke("kept")
    instance.invoke("keep", file)
    expect(instance.invoke("send")).to eq(5)
    expect([taken.first.equal?(file), destroyed]).to eq([true, []])
  end

  it "may be owned several times over" do
    file = kind.new(5)
    3.times { instance.invoke("keep", file) && nil }
    expect([instance.invoke("kept"), destroyed]).to match([be(file), []])
  end

  it "are lent as borrows, and nothing is destroyed" do
    file = kind.new(6)
    expect([instance.invoke("look", file), taken.first.equal?(file), destroyed]).to eq([6, true, []])
  end

  it "trap when the guest does not give a borrow back" do
    expect { instance.invoke("forget", kind.new(6)) }.to raise_error(Wasmtime::Error, /borrow handles still remain at the end of the call/)
    expect(destroyed).to eq([])
  end

  it "are made by host blocks" do
    file = instance.invoke("open", 8)
    expect([file.id, file.class, destroyed]).to eq([8, kind, []])
    instance.invoke("open-and-drop", 9)
    expect(destroyed.map(&:id)).to eq([9])
    instance.invoke("open-and-keep", 10)
    expect([instance.invoke("ask"), instance.invoke("kept").id, destroyed.size]).to eq([10, 10, 1])
  end

  it "are of their class" do
    expect { instance.invoke("keep", "file") }.to raise_error(TypeError, /\Aargument "file": expected file \(a #<Class:.*>\), got "file"\z/)
    expect { instance.invoke("look", nil) }.to raise_error(TypeError, /\Aargument "file": expected file \(a #<Class:.*>\), got nil\z/)
    expect(destroyed).to eq([])
  end

  it "are of their class when a block makes them" do
    wrong = Wasmtime::Component::Linker.new
    wrong.instance(ResourceGuests::FILES) do |files|
      files.resource("file", String)
      files.func_new("[constructor]file") { |id| id }
      files.func_new("[method]file.id") { 1 }
      files.func_new("take") { 1 }
    end
    guest = wrong.instantiate(store, component)
    message = /\Ainvalid result: expected file \(a String\), got 5 in #<Proc:.*, the host function "\[constructor\]file"\z/
    expect { guest.invoke("open", 5) }.to raise_error(Wasmtime::ResultError, message)
  end

  it "may be any object, when no class is said" do
    any = Wasmtime::Component::Linker.new
    any.instance(ResourceGuests::FILES) do |files|
      files.resource("file")
      files.func_new("[constructor]file") { |id| id }
      files.func_new("[method]file.id", &:object_id)
      files.func_new("take") { 1 }
    end
    guest = any.instantiate(store, component)
    [nil, false, 7, 2**100, :symbol, "text", Object, Object.new.freeze].each do |object|
      guest.invoke("keep", object)
      expect(guest.invoke("kept")).to equal(object)
    end
    guest.invoke("keep", nil)
    expect(guest.invoke("drop-kept")).to be_nil
  end

  it "may be what a module says that answers `===`" do
    guest = linking(->(object) { object.respond_to?(:id) }).instantiate(store, component)
    file = Struct.new(:id).new(3)
    expect(guest.invoke("look", file)).to eq(3)
    expect { guest.invoke("look", 3) }.to raise_error(TypeError, /expected file/)
  end

  it "raise what the destructor raises, as the same object" do
    boom = RuntimeError.new("boom")
    guest = linking(kind) { raise boom }.instantiate(store, component)
    guest.invoke("keep", kind.new(1))
    expect { guest.invoke("drop-kept") }.to raise_error(be(boom))
  end

  it "raise what a block raises, and the object given stays usable" do
    boom = RuntimeError.new("boom")
    file = Class.new { define_method(:id) { raise boom } }.new
    guest = linking(Object).instantiate(store, component)
    expect { guest.invoke("look", file) }.to raise_error(be(boom))
    expect(linking(Object).instantiate(Wasmtime::Store.new, component).invoke("keep", file)).to be_nil
  end

  it "have to be defined before anything is instantiated" do
    bare = Wasmtime::Component::Linker.new
    bare.instance(ResourceGuests::FILES) { |files| files.func_new("take") { 1 } }
    expect { bare.instantiate(store, component) }.to raise_error(Wasmtime::LinkError, /file/)
  end
end
