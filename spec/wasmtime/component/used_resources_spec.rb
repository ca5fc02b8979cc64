# frozen_string_literal: true

RSpec.describe "Host resources that another interface uses" do
  let(:store) { Wasmtime::Store.new }
  let(:linker) { Wasmtime::Component::Linker.new }
  let(:blob) { Struct.new(:extent) }
  let(:guest) { Wasmtime::Component::Component.new(<<~WAT) }
    (component
      (import "test:host/blobs@1.0.0" (instance $blobs
        (export "blob" (type $b (sub resource))) (export "[constructor]blob" (func (param "size" u32) (result (own $b))))))
      (alias export $blobs "blob" (type $blob))
      (import "test:host/sizes@1.0.0" (instance $sizes (alias outer 1 $blob (type $outer))
        (export "blob" (type $b (eq $outer))) (export "size" (func (param "blob" (borrow $b)) (result u32)))))
      (core func $new (canon lower (func $blobs "[constructor]blob")))
      (core func $size (canon lower (func $sizes "size")))
      (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "size" (func $size (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $size (call $new (local.get 0)))))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "size" (func $size))))))
      (func (export "run") (param "size" u32) (result u32) (canon lift (core func $i "run"))))
  WAT

  it "is given once, where it comes from, as a Class" do
    linker.define_all("test:host/blobs" => { blob: blob }, "test:host/sizes" => { size: :extent.to_proc })
    expect(linker.instantiate(store, guest).invoke("run", 7)).to eq(7)
    again = { "test:host/blobs" => { blob: blob }, "test:host/sizes" => { blob: blob, size: ->(one) { one.extent } } }
    expect(Wasmtime::Component::Linker.new.define_all(again).instantiate(store, guest).invoke("run", 8)).to eq(8)
  end

  it "may be defined in a block, and used by what is given, or defined again" do
    linker.instance("test:host/blobs@1.0.0") { |blobs| blobs.resource("blob", blob).func_new("[constructor]blob") { |size| blob.new(size) } }
    linker.define_all("test:host/sizes" => { blob: Class.new, size: ->(one) { one.extent } })
    expect(linker.instantiate(store, guest).invoke("run", 9)).to eq(9)
  end

  it "is missed once, with the types of WIT" do
    expect { linker.instantiate(store, guest) }.to raise_error(an_instance_of(Wasmtime::LinkError), <<~TEXT.chomp)
      cannot link the component:
        missing import "test:host/blobs@1.0.0" "blob": expected resource
        missing import "test:host/blobs@1.0.0" "[constructor]blob": expected func(size: u32) -> blob
        missing import "test:host/sizes@1.0.0" "size": expected func(blob: borrow<blob>) -> u32
    TEXT
  end

  it "is there with its functions as traps" do
    linker.define_unknown_imports_as_traps(guest)
    expect { linker.instantiate(store, guest).invoke("run", 1) }
      .to raise_error(an_instance_of(Wasmtime::Error), "unknown import: `test:host/blobs@1.0.0#[constructor]blob` has not been defined")
  end
end
