# frozen_string_literal: true

# Values of components and Ruby's collector: what is being converted is not collected, whoever converts it.
RSpec.describe "Component value hazards" do
  # `rows` are those of the table of types, `nested` some of those within each other; `guest` is an instance for one.
  def with_values(code, **options) = apart(<<~RUBY, **options)
    require #{File.expand_path('../support/component_nestings', __dir__).dump}
    include Wasmtime::Component
    MAPS = Wasmtime::Engine.new(wasm_component_model_map: true)
    def size(value)
      case value
      when String, Array, Hash then value.size + (value.is_a?(Array) ? value.sum { |item| size(item) } : 0)
      else 1
      end
    end
    # A few small values of each type.
    def few(rows) = rows.each { |row| [row.good, row.forms, row.wrong].each { |list| list.replace(list.reject { |value, _| size(value) > 12 }.last(2)) } }
    def rows = few(ComponentValues.rows)
    def nested = few(ComponentNestings.rows_of_three.values.flatten.each_slice(25).map(&:first))
    def guest(row, &host)
      linker = Linker.new(MAPS)
      linker.root { |root| root.func_new("host", &host || ->(value) { value }) }
      linker.instantiate(Wasmtime::Store.new(MAPS), Component.new(MAPS, ComponentGuests.echo(row.type)))
    end
    # Collects at every allocation, but young objects only: all that is converted is young.
    def stressed
      GC.stress = 1
      yield
    ensure
      GC.stress = false
    end
    #{code}
  RUBY

  {
    "come and go" => "row.pairs.each { |given, back| got = stressed { one.invoke('same', given) }; raise row.to_s unless got.eql?(back) }",
    "pass host blocks" => "row.pairs.each { |given, back| got = stressed { one.invoke('echo', given) }; raise row.to_s unless got.eql?(back) }",
    "are refused" => "row.wrong.each { |wrong| got = stressed { raised { one.invoke('same', wrong.value) } }; raise row.to_s unless got.message == wrong.message('argument \"x\"') }"
  }.each do |what, code|
    it "keeps what is converted while all types #{what} under GC.stress" do
      out = with_values(<<~RUBY, timeout: 200)
        (rows + nested).each_with_index { |row, n| one = guest(row); row.pairs.each { |_, back| one.invoke("echo", back) } if n % 5 > 0; #{code} }
        puts "same"
      RUBY
      expect(out).to eq("same")
    end
  end

  it "keeps what is converted when Ruby's collector moves everything" do
    out = with_values(<<~'RUBY', timeout: 120)
      guests = (rows + nested).map { |row| [row, guest(row) { |value| GC.start; value }] }
      GC.verify_compaction_references(double_heap: true, toward: :empty)
      GC.auto_compact = true
      guests.each do |row, one|
        row.pairs.each { |given, back| raise row.to_s unless one.invoke("echo", given).eql?(back) && one.invoke("same", given).eql?(back) }
      end
      GC.verify_internal_consistency
      puts "same"
    RUBY
    expect(out).to eq("same")
  end

  it "survives values that change, close or raise while they are converted" do
    out = with_values(<<~'RUBY')
      store = Wasmtime::Store.new(MAPS)
      make = lambda do |type|
        linker = Linker.new(MAPS)
        linker.root { |root| root.func_new("host") { |value| value } }
        linker.instantiate(store, Component.new(MAPS, ComponentGuests.echo(type)))
      end
      numbers, texts, points, any = make.([:list, :u32]), make.([:list, :string]), make.([:list, ComponentValues::POINT]), make.([:map, :string, :u8])
      nasty = Class.new { def initialize(&block) = @block = block; def to_int = @block.call; def to_str = @block.call.to_s; def x = @block.call; def y_axis = 1.5 }
      list = [1, 2, 3] * 50
      list[1] = nasty.new { list.clear; GC.start; 7 }
      p raised { numbers.invoke("same", list) }.class
      list = ["a"] * 100
      list[1] = nasty.new { list.replace([nil] * 3); GC.start; "b" }
      p raised { texts.invoke("same", list) }.class
      p raised { points.invoke("same", [nasty.new { raise "from x" }]) }.message, raised { points.invoke("same", [nasty.new { throw :out }]) }.class
      p catch(:out) { points.invoke("same", [nasty.new { throw :out, 5 }]) }
      hash = { "a" => 1 }
      hash["b"] = nasty.new { 50.times { |n| hash["n#{n}"] = n } rescue nil; 2 }
      p raised { any.invoke("same", hash) }.class
      p numbers.invoke("same", [1]), points.invoke("same", [ComponentValues::Point.new(1, 2)])
      p raised { numbers.invoke("same", [1, nasty.new { store.close; 2 }]) }.class
      p raised { numbers.invoke("same", [1]) }.class
    RUBY
    lines = out.lines.map(&:chomp)
    expect(lines.values_at(2, 3, 4, 6, 7, 8, 9)).to eq(
      ['"argument \"x\", list item 0: from x"', "UncaughtThrowError", "5", "[1]", '[{"x"=>1, "y-axis"=>2.0}]', "Wasmtime::StoreClosedError", "Wasmtime::StoreClosedError"]
    ).or eq(['"from x"', "UncaughtThrowError", "5", "[1]", '[{"x"=>1, "y-axis"=>2.0}]', "Wasmtime::StoreClosedError", "Wasmtime::StoreClosedError"])
    expect(lines.values_at(0, 1, 5)).to all(match(/\A(String|\w+Error)\z/))
  end

  it "refuses values that contain themselves" do
    out = with_values(<<~'RUBY')
      row = ComponentValues.row([:list, [:list, [:list, :u8]]], [])
      array = []
      array << array
      p raised { guest(row).invoke("same", array) }.class
      deep = ->(n) { n.zero? ? [] : [deep.(n - 1)] }
      p raised { guest(row).invoke("same", deep.(1000)) }.class
    RUBY
    expect(out.lines.map(&:chomp)).to all(eq("TypeError"))
  end

  it "does not grow by values that come, go and are refused, 20,000 times each" do
    out = with_values(<<~'RUBY', timeout: 120)
      row = ComponentValues.row([:list, [:record, [["a", [:option, :string]], ["b", [:variant, [["x", :u64], ["y", [:list, :u8]]]]], ["c", [:map, :string, :f64]]]]], [])
      good = [{ "a" => "text", "b" => ComponentValues.variant("y", [1, 2, 3]), "c" => { "k" => 1.5 } }] * 5
      bad = [*good, good[0].merge("c" => { "k" => "v" })]
      one = guest(row)
      failing = guest(row) { bad }
      run = ->(times) { apart { times.times { one.invoke("echo", good); raised { one.invoke("same", bad) } }; nil } }
      run.(5_000)
      GC.start
      before = rss
      run.(20_000)
      grown = rss - before
      puts grown < 30 ? "flat" : "grew by #{grown.round} MiB"
      p raised { failing.invoke("echo", good) }.class
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["flat", "Wasmtime::ResultError"])
  end
end
