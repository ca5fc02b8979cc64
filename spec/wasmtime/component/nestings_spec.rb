# frozen_string_literal: true

# Each place of a WIT type within each other one within each other one, both ways and with an error inside.
RSpec.describe "Nested component values", :slow do
  ComponentNestings.rows_of_three.each do |places, rows|
    describe "in #{places} and anything" do
      it "come back as they went in, from memory and from a host block" do
        rows.each do |row|
          seen = []
          instance = guest(row.type) { |value| (seen << value).last }
          back = row.good.map { |value| [instance.invoke("same", value), instance.invoke("echo", value)] }
          expect([row.to_s, back, seen]).to eql([row.to_s, row.good.map { |value| [value, value] }, row.good])
        end
      end

      it "are refused with the names of all places" do
        rows.each do |row|
          wrong = row.wrong.first
          expect(refusal { guest(row.type).invoke("same", wrong.value) }).to eq([wrong.error, wrong.message('argument "x"')])
          result = refusal { guest(row.type) { wrong.value }.invoke("echo", row.good.last) }
          expect(result).to match([Wasmtime::ResultError, start_with("invalid #{wrong.message('result')} in #<Proc:")])
        end
      end
    end
  end
end
