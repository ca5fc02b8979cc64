# frozen_string_literal: true

# JavaScript as a component: examples/javascript_component/, whose classes are resources, in a JavaScript engine of 12 MB.
RSpec.describe "a component of JavaScript" do
  # Winch compiles it in a second; Cranelift takes ten.
  before(:all) do
    @engine = Wasmtime::Engine.new(strategy: :winch)
    @component = Wasmtime::Component::Component.from_file(@engine, fixture("javascript_component"))
  end

  let(:messages) { [] }
  let(:stock) { { "apple" => [30, 10], "pear" => [45, 2], "moon" => [2**63, 1] } }
  let(:shelf) do
    stock = self.stock
    Class.new do
      define_singleton_method(:open) do |article|
        stock.key?(article) ? Wasmtime::Component::Result.ok(new(stock[article])) : Wasmtime::Component::Result.error("no #{article} here")
      end

      def initialize(entry)
        @entry = entry
      end

      def price
        @entry.first
      end

      def take(count)
        raise Wasmtime::Component::ResultError, @entry.last if count > @entry.last

        @entry[1] -= count
        nil
      end
    end
  end
  let(:log) { ->(*message) { messages << message } }
  let(:store) { Wasmtime::Store.new(@engine) }
  let(:shop) do
    linker = Wasmtime::Component::Linker.new(@engine).define_all("example:shop/warehouse" => { shelf: shelf, log: log })
    linker.instantiate(store, @component)["example:shop/carts"]
  end

  def cart(customer, **articles)
    shop["cart"].new(customer).tap { |cart| articles.each { |article, count| cart.add(article.name, count).value! } }
  end

  it "imports what its world says, and no WASI" do
    expect(@component.imports.keys).to eq(["example:shop/warehouse@0.1.0"])
    expect { Wasmtime::Component::Linker.new(@engine).instantiate(store, @component) }.to raise_error(
      Wasmtime::LinkError, /missing import .* "\[static\]shelf\.open": expected func\(article: string\) -> result<shelf, string>$/
    )
  end

  describe "its classes" do
    it "are resources with methods" do
      ada = cart("Ada", pear: 1)
      expect([ada.add("apple", 2), ada.add("apple", 1)].map(&:ok))
        .to eq([{ "article" => "apple", "count" => 2, "sum" => 60 }, { "article" => "apple", "count" => 3, "sum" => 90 }])
      expect(ada.lines.map { |line| line["article"] }).to eq(%w[pear apple])
      expect(stock.slice("apple", "pear")).to eq("apple" => [30, 7], "pear" => [45, 1])
    end

    it "take numbers of 64 bits as BigInt, exactly" do
      expect(cart("Ada").add("moon", 1).ok["sum"]).to eq(2**63)
    end

    it "have objects of their own, each with its state" do
      carts = [cart("Ada", apple: 1), cart("Bob")]
      expect(carts.map { |cart| cart.lines.size }).to eq([1, 0])
    end

    it "are dropped once, and hear of it" do
      ada = cart("Ada")
      2.times { ada.close }
      expect(messages).to eq([["info", "Ada has left"]])
      expect { ada.lines }.to raise_error(Wasmtime::Error, 'argument "self": Resource has already been dropped')
    end

    it "are dropped after Ruby collected them" do
      Thread.new { 50.times { |n| cart("customer #{n}") } }.join
      GC.start
      shop.functions.mean([1])
      expect(messages.size).to be > 40
      expect(messages).to all(match(["info", /\Acustomer \d+ has left\z/])).and eq(messages.uniq)
    end

    it "take objects away" do
      ada = cart("Ada", apple: 1)
      bob = cart("Bob", apple: 2, pear: 1)
      both = shop["cart"].merge([ada, bob])
      expect(both.lines.map { |line| line.values_at("article", "count", "sum") }).to eq([["apple", 3, 90], ["pear", 1, 45]])
      expect([ada, bob, both].map(&:closed?)).to eq([true, true, false])
      expect(messages).to eq([["info", "2 carts are one now, of Ada & Bob"]])
      expect { shop["cart"].merge([both, bob]) }
        .to raise_error(Wasmtime::Error, 'argument "carts", list item 1: the resource was passed away as own: it belongs to whoever took it')
      expect(both.lines.size).to eq(2)
    end
  end

  describe "its functions" do
    it "borrow objects, and take options and flags" do
      ada = cart("Zoë", pear: 2, apple: 3)
      expect(shop.functions.receipt(ada, nil, []).ok).to eq(<<~TEXT.chomp)
        Zoë
        2 x pear          0.90
        3 x apple         0.90
        total             1.80
      TEXT
      expect(shop.functions.receipt(ada, 200, %w[sorted shouting]).ok.lines.map(&:split)).to eq(
        [["ZOË"], %w[3 X APPLE 0.90], %w[2 X PEAR 0.90], %w[TOTAL 1.80], %w[CHANGE 0.20]]
      )
      expect(ada.closed?).to be false
    end

    it "give tuples, lists and options" do
      expect(shop.functions.words("Ob, là-bas: ob LÀ-BAS? Ob.")).to eq([["ob", 3], ["là-bas", 2]])
      expect(shop.functions.find("(\\d+)(px|em)?", "at 12").ok).to eq(["12", "12", nil])
      expect(shop.functions.find("x", "at 12")).to eq(Wasmtime::Component::Result.ok(nil))
    end

    it "take bytes and packed numbers, and give bytes as they are asked for" do
      bytes = Random.new(1).bytes(10_000)
      expect(shop.functions.reverse(bytes)).to eq(bytes.bytes.reverse)
      expect(shop.get_func("reverse", bytes: :string).call(bytes)).to eq(bytes.reverse)
      expect([shop.functions.mean([1, 2, 4.5]), shop.functions.mean([1.0, 2.0].pack("E*"))]).to eq([2.5, 1.5])
      expect(shop.functions.mean([])).to be_nan
    end
  end

  describe "what it throws" do
    it "is the error of a result" do
      expect(shop.functions.receipt(cart("Ada"), nil, [])).to eq(Wasmtime::Component::Result.error(Wasmtime::Component::Variant.new("empty")))
      expect(shop.functions.receipt(cart("Ada", apple: 2), 50, []).error).to eq(Wasmtime::Component::Variant.new("unpaid", 10))
      expect(shop.functions.find("(", "")).to match(an_object_having_attributes(error?: true, error: "unterminated parenthetical"))
    end

    it "may be what the host answered with an error" do
      ada = cart("Ada")
      expect([ada.add("pear", 3), ada.add("kiwi", 1)].map(&:error))
        .to eq([Wasmtime::Component::Variant.new("out-of-stock", 2), Wasmtime::Component::Variant.new("no-article", "no kiwi here")])
      expect(messages).to eq([["warning", "out-of-stock: 2"], ["warning", "no-article: no kiwi here"]])
    end
  end

  describe "what it is called with" do
    it "is checked before JavaScript sees it" do
      wrong = { -> { shop.functions.reverse([1, 256]) } => 'argument "bytes", list item 1: expected u8 (0..255), got 256: too big',
                -> { shop.functions.receipt("Ada", nil, []) } => 'argument "cart": expected resource, got "Ada"',
                -> { cart("Ada").add("apple", -1) } => 'argument "count": expected u32 (0..4294967295), got -1: negative' }
      wrong.each { |call, message| expect(&call).to raise_error(message) }
      expect(shop.functions.mean([1])).to eq(1)
    end
  end

  it "does not catch what its host raises: the caller gets it" do
    allow(stock).to receive(:key?).and_raise(IOError, "the list is gone")
    expect { cart("Ada").add("apple", 1) }.to raise_error(IOError, "the list is gone")
    expect(messages).to eq([])
  end

  it "drops the objects of its host" do
    dropped = []
    klass = shelf
    linker = Wasmtime::Component::Linker.new(@engine).instance("example:shop/warehouse@0.1.0") do |warehouse|
      warehouse.resource("shelf", klass) { |object| dropped << object }
    end
    linker.define_all("example:shop/warehouse" => { shelf: klass, log: log })
    carts = linker.instantiate(store, @component)["example:shop/carts"]
    %w[apple kiwi pear].each { |article| carts["cart"].new("Ada").add(article, 5) }
    expect(dropped.map(&:price)).to eq([30, 45])
  end

  it "is stopped by a timeout" do
    expect { shop.functions.find("(a+)+$", "#{'a' * 60}!", timeout: 0.1) }.to raise_error(Wasmtime::TimeoutError)
    expect { shop.functions.mean([1]) }.to raise_error(Wasmtime::Trap, /cannot enter component instance/)
  end

  describe "in a store that limits its memory" do
    let(:store) { Wasmtime::Store.new(@engine, limits: { memory_size: 32 << 20 }) }

    it "works, and traps when it needs more" do
      expect(shop.functions.mean(Array.new(10_000, 1.5))).to eq(1.5)
      expect { shop.functions.words((1..300_000).to_a.join(" ")) }.to raise_error(Wasmtime::Trap)
    end
  end
end
