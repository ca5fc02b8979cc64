# frozen_string_literal: true

RSpec.describe Wasmtime::ExternType do
  types = {
    to_func_type: Wasmtime::FuncType.new([], []), to_global_type: Wasmtime::GlobalType.new(:i32), to_memory_type: Wasmtime::MemoryType.new(1),
    to_table_type: Wasmtime::TableType.new(:funcref, 1), to_tag_type: Wasmtime::TagType.new([])
  }

  types.each do |conversion, type|
    describe "##{conversion}" do
      it "is the #{type.class} itself" do
        expect(type.public_send(conversion)).to equal(type)
      end

      types.reject { |other, _| other == conversion }.each_value do |other|
        it "raises for a #{other.class}" do
          expect { other.public_send(conversion) }
            .to raise_error(an_instance_of(Wasmtime::ConversionError).and(have_attributes(message: "cannot convert #{other.class} to #{type.class}")))
        end
      end
    end
  end

  it "is part of every type" do
    expect(types.values).to all(be_a(described_class))
  end

  it "is told by a module" do
    mod = Wasmtime::Module.new(<<~WAT)
      (module (func (export "f")) (global (export "g") i32 (i32.const 0)) (memory (export "m") 1) (table (export "t") 1 funcref))
    WAT
    expect(mod.exports.map { |export| export.type.class })
      .to eq([Wasmtime::FuncType, Wasmtime::GlobalType, Wasmtime::MemoryType, Wasmtime::TableType])
  end
end
