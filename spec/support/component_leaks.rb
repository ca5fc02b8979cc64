# frozen_string_literal: true

# Scenarios with components for {Leaks}.
module ComponentLeaks
  # After {setup}.
  SCENARIOS = {
    "components that are compiled" => ["Wasmtime::Component::Component.new(engine, ResourceGuests::COUNTERS)", 200],
    "components that do not compile" => ["raised { Wasmtime::Component::Component.new(engine, '(component (nonsense') }", 2_000],
    "component instances of a store each" => ["counting(Wasmtime::Store.new).invoke('drops')", 3_000],
    "component linkers for a component that stays" => ["Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, counters)", 20_000],
    "component linkers with host functions" => ["using(Wasmtime::Component::Linker.new)", 3_000],
    "component links that fail" => ["raised { Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, user) }", 3_000],
    "values that a component gives back" => "record.invoke('same', shape)",
    "values that pass through a host block" => "record.invoke('echo', shape)",
    "values that fit no WIT type" => "raised { record.invoke('same', shape.merge('items' => [['a', 2], nil])) }; raised { record.invoke('same') }",
    "types of components" => ["counters.type.exports.each(&:last); record.get_func('same').type.params.to_h", 3_000],
    "resources that are closed" => "one = counted.invoke('[constructor]counter', 1); one.value; one.close",
    "resources that nobody closes" => "counted.invoke('[constructor]counter', 1)",
    "resources that are given away" => "counted.invoke('keep', counted.invoke('[constructor]counter', 1)); counted.invoke('kept').close",
    "resources of a store that is closed" => ["s = Wasmtime::Store.new; counting(s).invoke('numbers', 10); s.close", 3_000],
    "traps of a component each" => ["one = counting(Wasmtime::Store.new)['counter'].new(1); raised { one.fail(1) }; raised { one.value }", 3_000],
    "exceptions out of a component's host blocks" => ["raised { echo_with { raise 'boom' }.invoke('echo', shape) }", 3_000],
    "results of host blocks that fit no WIT type" => ["raised { echo_with { shape.merge('name' => nil) }.invoke('echo', shape) }", 3_000],
    "results of host blocks that are raised" => "refusing.invoke('echo', Wasmtime::Component::Result.ok([1, 2, 3]))",
    "bytes and packed numbers" => "packed.call([[1, 2].pack('l<*'), 'bytes' * 100])",
    "components that were serialized" => ["Wasmtime::Component::Component.deserialize(engine, component_bytes).exports", 1_000],
    "linkers that are given interfaces, and traps for the rest" => [
      "l = Wasmtime::Component::Linker.new; l.define_all('a:b/c' => {}, ResourceGuests::FILES => { 'file' => Item, take: ->(i) { i.id } }); " \
      "l.define_unknown_imports_as_traps(user); l.instantiate(Wasmtime::Store.new, user)", 2_000
    ],
    "component linkers with WASI" => [
      "s = Wasmtime::Store.new(wasi_config: Wasmtime::WasiConfig.new.set_stdout_buffer(+'', 9)); " \
      "Wasmtime::Component::Linker.new.tap { |l| Wasmtime::WASI::P2.add_to_linker_sync(l) }.instantiate(s, counters).invoke('drops')", 500
    ],
    "exports that are looked up" =>
      "counted.get_func(counters.get_export_index('drops'), bytes: :string).with(bytes: :array).to_proc; counted.get_resource('counter')",
    "component calls that time out" => ["raised { counting(Wasmtime::Store.new, looping).invoke('forever', timeout: 0.001) }", 20],
    "host objects that a component owns" => "used.invoke('keep', Item.new(1)); used.invoke('drop-kept'); used.invoke('look', Item.new(1))"
  }.freeze

  # The components `counters` and `user` and an instance of each; `record`, which gives back what it is given, and a `shape` for it; other guests.
  def self.setup
    <<~RUBY
      require #{File.expand_path('resource_guests', __dir__).dump}
      require #{File.expand_path('component_guests', __dir__).dump}
      require #{File.expand_path('shape_guests', __dir__).dump}
      Item = Struct.new(:id)
      counters, user = [ResourceGuests::COUNTERS, ResourceGuests::USER].map { |text| Wasmtime::Component::Component.new(engine, text) }
      counting = ->(store, component = counters) { Wasmtime::Component::Linker.new.instantiate(store, component) }
      define_singleton_method(:counting, &counting)
      define_singleton_method(:using) do |linker|
        linker.instance(ResourceGuests::FILES) do |files|
          files.resource("file", Item) {}
          files.func_new("[constructor]file") { |id| Item.new(id) }
          files.func_new("[method]file.id") { |item| item.id }
          files.func_new("take") { |item| item.id }
        end
        linker.instantiate(Wasmtime::Store.new, user)
      end
      counted, used = counting(Wasmtime::Store.new), using(Wasmtime::Component::Linker.new)
      # An instance keeps the types of its resources once it was called.
      counted.invoke("drops")
      echoing = Wasmtime::Component::Component.new(engine, ComponentGuests.echo([:record, [["name", :string], ["items", [:list, [:tuple, [:string, :u8]]]]]]))
      define_singleton_method(:echo_with) do |component = echoing, &host|
        Wasmtime::Component::Linker.new(bytes: :string).root { |root| root.func_new("host", &host) }.instantiate(Wasmtime::Store.new, component)
      end
      record = echo_with { |value| value }
      result, lists = [[:result, [:list, :s32], :string], [:tuple, [[:list, :s32], [:list, :u8]]]].map do |type|
        Wasmtime::Component::Component.new(engine, ComponentGuests.echo(type))
      end
      refusing = echo_with(result) { raise Wasmtime::Component::ResultError, "refused" }
      packed = echo_with(lists) { |value| value }.get_func("echo", bytes: :string)
      looping = Wasmtime::Component::Component.new(engine, ShapeGuests::GUEST)
      component_bytes = counters.serialize
      shape = { "name" => "a name", "items" => [["one", 1], ["two", 2]] }
    RUBY
  end
end
