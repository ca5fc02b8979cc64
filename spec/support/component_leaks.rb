# frozen_string_literal: true

# Scenarios with components for {Leaks}.
module ComponentLeaks
  # After {setup}.
  SCENARIOS = {
    "components that are compiled" => ["Wasmtime::Component::Component.new(engine, ResourceGuests::COUNTERS)", 200],
    "components that do not compile" => ["raised { Wasmtime::Component::Component.new(engine, '(component (nonsense') }", 2_000],
    "component instances of a store each" => ["counting(Wasmtime::Store.new).invoke('drops')", 3_000],
    "component linkers with host functions" => ["using(Wasmtime::Component::Linker.new)", 3_000],
    "component links that fail" => ["raised { Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, user) }", 3_000],
    "values that a component gives back" => "record.invoke('same', shape)",
    "values that pass through a host block" => "record.invoke('echo', shape)",
    "values that fit no WIT type" => "raised { record.invoke('same', shape.merge('items' => [['a', 2], nil])) }; raised { record.invoke('same') }",
    "types of components" => ["counters.type.exports.each(&:last); record.get_func('same').type.params.to_h", 3_000],
    "resources that are closed" => "one = counted.invoke('[constructor]counter', 1); one.value; one.close",
    "resources that nobody closes" => "counted.invoke('[constructor]counter', 1)",
    "resources that are given away" => "counted.invoke('keep', counted.invoke('[constructor]counter', 1)); counted.invoke('kept').close",
    "host objects that a component owns" => "used.invoke('keep', Item.new(1)); used.invoke('drop-kept'); used.invoke('look', Item.new(1))"
  }.freeze

  # The components `counters` and `user` and an instance of each, `record`, which gives back what it is given, and a `shape` for it.
  def self.setup
    <<~RUBY
      require #{File.expand_path('resource_guests', __dir__).dump}
      require #{File.expand_path('component_guests', __dir__).dump}
      Item = Struct.new(:id)
      counters, user = [ResourceGuests::COUNTERS, ResourceGuests::USER].map { |text| Wasmtime::Component::Component.new(engine, text) }
      counting = ->(store) { Wasmtime::Component::Linker.new.instantiate(store, counters) }
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
      record = Wasmtime::Component::Linker.new.tap { |l| l.root { |root| root.func_new("host") { |value| value } } }.instantiate(Wasmtime::Store.new, echoing)
      shape = { "name" => "a name", "items" => [["one", 1], ["two", 2]] }
    RUBY
  end
end
