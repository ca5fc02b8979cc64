# frozen_string_literal: true

# Every WIT type, both ways, from the one table of types.
RSpec.describe "Component values" do
  ComponentValues.rows.each_with_index do |row, index|
    describe "of type #{row.to_s[0, 100]} (#{index})" do
      it "come back from the guest's memory as they went in" do
        instance = guest(row.type)
        row.pairs.each { |given, back| expect(instance.invoke("same", given)).to eql(back) }
      end

      it "come to a host block and go back from it" do
        seen = []
        instance = guest(row.type) { |value| (seen << value).last }
        row.pairs.each { |given, back| expect(instance.invoke("echo", given)).to eql(back) }
        expect(seen).to eql(row.pairs.map(&:last))
      end

      it "are taken from a host block in every form" do
        given = nil
        instance = guest(row.type) { given }
        row.pairs.each do |form, back|
          given = form
          expect(instance.invoke("echo", row.pairs.first.last)).to eql(back)
        end
      end

      unless row.wrong.empty?
        it "are refused as arguments when they do not fit, with the place" do
          instance = guest(row.type)
          refusals = row.wrong.map { |wrong| refusal { instance.invoke("same", wrong.value) } }
          expect(refusals).to eq(row.wrong.map { |wrong| [wrong.error, wrong.message('argument "x"')] })
        end

        it "are refused as results of a host block when they do not fit, with the place" do
          # A block may leave the Result out where all is well, so that anything else is its value.
          wrongs = row.type[0] == :result ? row.wrong.reject { |wrong| wrong.places.empty? } : row.wrong
          refusals = wrongs.map { |wrong| refusal { guest(row.type) { wrong.value }.invoke("echo", row.pairs.first.last) } }
          expect(refusals).to match(wrongs.map { |wrong| [Wasmtime::ResultError, start_with("invalid #{wrong.message('result')} in #<Proc:")] })
        end
      end
    end
  end

  it "that are texts are UTF-8, also when they are empty" do
    instance = guest(%i[list string])
    expect(instance.invoke("same", ["", "a", "é".encode("UTF-16LE")]).map(&:encoding)).to eq([Encoding::UTF_8] * 3)
    expect(guest(:char).invoke("same", "a").encoding).to eq(Encoding::UTF_8)
  end

  %i[f32 f64].each do |type|
    it "of type #{type} may be no number" do
      seen = nil
      instance = guest(type) { |value| seen = value }
      expect([instance.invoke("same", Float::NAN), instance.invoke("echo", Float::NAN), seen]).to all(be_nan)
    end
  end

  it "leave the instance usable when they are refused" do
    instance = guest(%i[list u8])
    expect { instance.invoke("same", [1, 2, "3"]) }.to raise_error(TypeError)
    expect(instance.invoke("same", [1, 2, 3])).to eq([1, 2, 3])
  end
end
