# frozen_string_literal: true

RSpec.describe "Memory hazards" do
  let(:store) { Wasmtime::Store.new }
  let(:memory) { Wasmtime::Memory.new(store, min_size: 1, max_size: 10) }
  let(:fine) { [Wasmtime::Error, RangeError, TypeError, ArgumentError] }

  describe "an access" do
    offsets = [0, 1, 65_535, 65_536, 65_537, -1, -65_536, 2**31, (2**32) - 1, 2**32, (2**63) - 1, 2**63, (2**64) - 1, 2**64, 2**200, -2**63, -2**64,
               1.5, Float::NAN, Float::INFINITY, nil, "0", :a, true, [], Object.new]

    it "gives bytes or raises for every offset and length" do
      outcomes = offsets.product(offsets).map do |offset, length|
        [offset, length, memory.read(offset, length)]
      rescue *fine => e
        [offset, length, e.class]
      end
      read = outcomes.select { |_, _, outcome| outcome.is_a?(String) }
      expect(read).to all(satisfy { |offset, length, bytes| bytes.bytesize == length.to_i && (0..65_536).cover?(offset.to_i + length.to_i) })
      expect(read.size).to be > 5
    end

    it "gives a number or raises for every offset, of every width" do
      widths = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8, f32: 4, f64: 8 }
      wrong = widths.to_a.product(offsets).reject do |(type, width), offset|
        inside = offset.is_a?(Numeric) && offset.to_f.finite? && offset.to_i >= 0 && offset.to_i + width <= 65_536
        read = raised_by { memory.public_send("read_#{type}", offset) }
        written = raised_by { memory.public_send("write_#{type}", offset, 1) }
        [read, written].all? { |e| inside ? e.nil? : fine.any? { |klass| klass === e } }
      end
      expect(wrong).to eq([])
    end

    it "raises for a last byte past the end, of every width" do
      widths = { i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8, f32: 4, f64: 8 }
      widths.each do |type, width|
        expect(memory.public_send("read_#{type}", 65_536 - width)).to eq(0)
        expect { memory.public_send("read_#{type}", 65_536 - width + 1) }.to raise_error(Wasmtime::Error, /out of bounds/)
        expect { memory.public_send("write_#{type}", 65_536 - width + 1, 1) }.to raise_error(Wasmtime::Error, /out of bounds/)
      end
    end

    it "raises for every number that does not fit, and writes nothing" do
      { i8: 8, u8: 8, i16: 16, u16: 16, i32: 32, u32: 32, i64: 64, u64: 64 }.each do |type, bits|
        [2**bits, -(2**bits), 2**200, nil, "1", Float::NAN].each do |value|
          error = raised_by { memory.public_send("write_#{type}", 0, value) }
          expect(fine.any? { |klass| klass === error }).to be(true), "write_#{type}(0, #{value.inspect}): #{error.inspect}"
        end
      end
      expect(memory.read(0, 8)).to eq("\0".b * 8)
    end

    it "survives every other method with every offset" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
        odd = [0, 1, 65_536, 65_537, -1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 1.5, Float::NAN, nil, "0", 0.., ..5, (5..1), (-1..3), (2**63..2**64), (nil..nil)]
        kinds = odd.product(odd).flat_map do |a, b|
          [-> { memory[a] }, -> { memory[a, b] }, -> { memory[a] = b }, -> { memory[a, 1] = b }, -> { memory.read_cstring(a) }, -> { memory.write(a, "ab") },
           -> { memory.write_cstring(a, "ab") }, -> { memory.read_utf8(a, b) }, -> { memory.fill(1, offset: a, length: b) }, -> { memory.fill(a, offset: b) },
           -> { memory.copy(from: a, to: b, length: 3) }, -> { memory.copy(from: 0, to: a, length: b) }, -> { memory.read_unsafe_slice(a, b).to_str },
           -> { memory.view(offset: a, length: b) { |buffer| buffer.size.zero? || buffer.get_value(:U8, buffer.size - 1) } }].map { |call| raised(&call).class }
        end
        p kinds.uniq - [String, Wasmtime::Error, RangeError, TypeError, ArgumentError, FloatDomainError, NoMethodError]
        p kinds.count(NoMethodError)
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[[] 0])
    end

    it "reads a C string up to the end of the memory" do
      memory.fill("x".ord, offset: 65_530)
      expect([memory.read_cstring(65_530), memory.read_cstring(65_536), memory.read_cstring(2**40)]).to eq(["xxxxxx", "", ""])
    end
  end

  describe "a view" do
    it "is invalid after its block, and so are its slices, copies of it excepted" do
      kept = []
      memory.view { |buffer| kept = [buffer, buffer.slice(0, 16), buffer.slice(0, 16).slice(0, 4)] }
      expect(kept.map { |buffer| raised_by { buffer.get_value(:U8, 0) }.class.name }).to all start_with("IO::Buffer::")
      expect(kept.map { |buffer| raised_by { buffer.set_value(:U8, 0, 1) }.class.name }).to all start_with("IO::Buffer::")
    end

    it "is invalid after a block that raised or threw" do
      kept = []
      raised_by { memory.view { |buffer| (kept << buffer) && raise("out") } }
      catch(:out) { memory.view { |buffer| (kept << buffer) && throw(:out) } }
      expect(kept.map { |buffer| raised_by { buffer.get_value(:U8, 0) }.class.name }).to all start_with("IO::Buffer::")
      expect(store.close).to be(true)
    end

    it "stays valid while the host grows the memory" do
      seen = memory.view do |buffer|
        memory.grow(5)
        memory.write(0, "grown")
        [buffer.get_string(0, 5), buffer.size]
      end
      expect(seen).to eq(["grown", 65_536])
    end

    it "stays valid while a guest grows the memory in a call from the block" do
      instance = build(store, '(module (memory (export "m") 1) (func (export "grow") (drop (memory.grow (i32.const 20))) (i32.store8 (i32.const 1) (i32.const 65))))')
      seen = instance.export("m").view { |buffer| instance.invoke("grow") || [buffer.get_string(1, 1), buffer.size] }
      expect(seen).to eq(["A", 65_536])
    end

    it "stays valid inside a host block while a guest grows the memory" do
      instance = nil
      seen = nil
      func = Wasmtime::Func.new(store, [], []) do |caller|
        caller.export("m").view { |buffer| instance.invoke("grow") || (seen = buffer.get_string(1, 1)) }
      end
      instance = build(store, <<~WAT, [func])
        (module (import "" "" (func $f)) (memory (export "m") 1) (func (export "run") call $f)
          (func (export "grow") (drop (memory.grow (i32.const 20))) (i32.store8 (i32.const 1) (i32.const 65))))
      WAT
      instance.invoke("run")
      expect(seen).to eq("A")
    end

    it "keeps the store from closing" do
      memory.view { expect { store.close }.to raise_error(Wasmtime::StoreBusyError) }
      expect(store.close).to be(true)
    end

    it "keeps the memory while nothing else does" do
      out = apart(<<~'RUBY')
        p Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1).view { |buffer| 5.times { GC.start }; buffer.set_value(:U8, 100, 7); buffer.get_value(:U8, 100) }
      RUBY
      expect(out).to eq("7")
    end

    it "survives free, transfer, resize, locked and dup of the buffer and its slices" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
        kept = []
        tricks = [:free, :transfer, :dup, :clone, [:resize, 10], [:resize, 1 << 20], :clear, :locked, :to_s, :hexdump, :inspect]
        tricks.each do |trick|
          [0, 1, 2].each do |depth|
            raised { memory.view { |buffer| depth.times { buffer = buffer.slice(0, 64) }; raised { kept << buffer.public_send(*trick) {} }; kept << buffer } }
          end
        end
        kept.grep(IO::Buffer).each { |buffer| raised { buffer.get_value(:U8, 0) }; raised { buffer.set_value(:U8, 0, 1) }; buffer.inspect }
        memory.write(0, "after")
        puts memory.read(0, 5), memory.store.close
        kept.clear
        GC.start
      RUBY
      expect(out).to eq("after\ntrue")
    end

    it "that was transferred or duplicated never reads freed memory" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
        memory.write(0, "secret")
        kept = []
        %i[transfer dup clone].each { |trick| raised { memory.view { |buffer| kept << buffer.public_send(trick) } }; raised { memory.view { |buffer| kept << buffer.slice(0, 6).public_send(trick) } } }
        begin memory.store.close rescue p($!.class) end
        200.times { Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1).write(0, "others") }
        p kept.map { |buffer| (buffer.get_string(0, 6) rescue "invalid") }.uniq - ["invalid", "secret"]
      RUBY
      expect(out.lines.last.chomp).to eq("[]")
    end

    it "is refused for a memory that may move" do
      engine = Wasmtime::Engine.new(memory_reservation: 0, memory_may_move: true)
      moving = Wasmtime::Memory.new(Wasmtime::Store.new(engine), min_size: 1)
      wide = Wasmtime::Memory.new(store, min_size: 1, memory64: true)
      [moving, wide].each { |item| expect { item.view {} }.to raise_error(Wasmtime::Error) }
    end

    it "may be nested, and closes only when all have ended" do
      memory.view do |outer|
        memory.view { |inner| inner.set_value(:U8, 3, 9) }
        expect(outer.get_value(:U8, 3)).to eq(9)
        expect { store.close }.to raise_error(Wasmtime::StoreBusyError)
      end
      expect(store.close).to be(true)
    end

    it "in an abandoned fiber never becomes a dangling pointer" do
      out = apart(<<~'RUBY')
        kept = nil
        apart do
          memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
          Fiber.new { memory.view { |buffer| kept = buffer; Fiber.yield } }.resume
          nil
        end
        20.times { GC.start; Array.new(50) { Fiber.new { 1 }.resume } }
        raised { kept.get_value(:U8, 0) }
        raised { kept.set_value(:U8, 65_535, 1) }
        puts "alive"
      RUBY
      expect(out).to eq("alive")
    end

    it "used by IO in another thread keeps the store from closing" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
        reader, writer = IO.pipe
        memory.view do |buffer|
          thread = Thread.new { raised { buffer.respond_to?(:read) ? buffer.read(reader, 4) : reader.read(4) } }
          sleep 0.05
          p raised { memory.store.close }.class
          writer.write("four")
          writer.close
          thread.join
        end
        p memory.store.close
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[Wasmtime::StoreBusyError true])
    end
  end

  describe "a slice under the existing gem's name" do
    it "raises after growth and after the store was closed" do
      slice = memory.read_unsafe_slice(0, 4)
      memory.grow(1)
      expect { slice.to_str }.to raise_error(Wasmtime::Error, "memory slice was invalidated by resize")
      other = memory.read_unsafe_slice(0, 4)
      store.close
      expect { other.to_str }.to raise_error(Wasmtime::StoreClosedError)
    end

    it "gives a copy that outlives the store" do
      memory.write(0, "copy")
      text = memory.read_unsafe_slice(0, 4).to_str
      store.close
      GC.start
      expect(text).to eq("copy")
    end
  end

  describe "large data" do
    it "reads more than 2 GiB, writes at the end, and copies above 2 GiB" do
      available = File.read("/proc/meminfo")[/MemAvailable:\s+(\d+)/, 1].to_i
      skip "needs 5 GiB of memory" if available < 5 << 20
      out = apart(<<~'RUBY', timeout: 40)
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 32_800)
        last = memory.bytesize - 4
        memory.write(last, "last")
        memory.copy(from: last, to: (1 << 31) + 2, length: 4)
        p memory.bytesize, memory.read(last, 4), memory.read((1 << 31) + 2, 4), raised { memory.read(last, 5) }.class
        text = memory.read(5, (1 << 31) + 1)
        p text.bytesize, text.byteslice(-4, 4)
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["2149580800", '"last"', '"last"', "Wasmtime::Error", "2147483649", '"last"'])
    end

    it "has the right size at 4 GiB, where 32 bits end" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 65_536)
        memory.write(2**32 - 3, "end")
        p memory.bytesize, memory.size, memory.read(2**32 - 3, 3), memory.read_u8(2**32 - 1), raised { memory.read_u8(2**32) }.class, memory.read(2**32, 0)
        p raised { memory.grow(1) }.class
        memory.view { |buffer| p buffer.size }
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["4294967296", "65536", '"end"', "100", "Wasmtime::Error", '""', "Wasmtime::Error", "4294967296"])
    end

    it "raises when Ruby cannot hold what is read" do
      out = apart(<<~'RUBY')
        memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 65_536)
        Process.setrlimit(Process::RLIMIT_AS, (File.read("/proc/self/statm").to_i * 4096) + (1 << 30))
        p raised { memory.read(0, 2**32) }.class, memory.read(0, 1)
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["NoMemoryError", '"\x00"'])
    end
  end

  describe "bytes to write" do
    it "are those of the String at call time, whatever kind of String it is" do
      long = "long enough to be shared between two Strings, not embedded".b
      strings = ["short", "frozen text", long[3..], long, "\u00e4\u{1f600}", "utf-16".encode("UTF-16LE"), "bad \xff".dup, Class.new(String).new("subclass"), ""]
      strings.each do |text|
        memory.write(0, text)
        expect(memory.read(0, text.bytesize)).to eq(text.b)
      end
    end

    it "are taken from to_str once, which may change the String and grow the memory" do
      target = memory
      source = +"first"
      evil = Object.new
      evil.define_singleton_method(:to_str) { target.grow(1) && source.replace("x" * 100_000) && source }
      error = raised_by { target.write(65_000, evil) }
      expect([NilClass, TypeError, Wasmtime::Error]).to include(error.class)
      expect([memory.size, memory.bytesize]).to eq([2, 131_072]).or eq([1, 65_536])
    end

    it "are not written when to_str or to_int closes the store" do
      target = store
      evil = Object.new
      evil.define_singleton_method(:to_str) { target.close && "text" }
      evil.define_singleton_method(:to_int) { target.close && 5 }
      calls = %i[write write_cstring write_i32 write_f64 read read_i64 grow].to_h { |name| [name, name] }.keys
      calls.each do |name|
        target = Wasmtime::Store.new
        item = Wasmtime::Memory.new(target, min_size: 1)
        arguments = { write: [evil, evil], write_cstring: [0, evil], write_i32: [0, evil], write_f64: [evil, 1], read: [evil, evil], read_i64: [evil], grow: [evil] }
        error = raised_by { item.public_send(name, *arguments.fetch(name)) }
        expect([Wasmtime::StoreClosedError, TypeError]).to include(error.class), "#{name}: #{error.inspect}"
      end
    end
  end

  describe "growth" do
    it "raises past the maximum, for negative numbers and for any that do not fit, and changes nothing" do
      [10, 65_536, 2**32, 2**48, 2**63, (2**64) - 1, 2**64, 2**100, -1, -2**63, -2**64, nil, "1"].each do |delta|
        error = raised_by { memory.grow(delta) }
        expect(fine.any? { |klass| klass === error }).to be(true), "#{delta.inspect}: #{error.inspect}"
      end
      expect([memory.size, memory.grow(9), memory.size]).to eq([1, 1, 10])
    end

    it "raises past the store's limit, and a guest gets -1" do
      limited = Wasmtime::Store.new(Wasmtime::Engine.default, limits: { memory_size: 2 * 65_536, table_elements: 5 })
      instance = build(limited, <<~WAT)
        (module (memory (export "m") 1) (table (export "t") 1 externref)
          (func (export "m+") (param i32) (result i32) local.get 0 memory.grow)
          (func (export "t+") (param i32) (result i32) ref.null extern local.get 0 table.grow 0))
      WAT
      expect { instance.export("m").grow(2) }.to raise_error(Wasmtime::Error, /grow/)
      expect { instance.export("t").grow(5) }.to raise_error(Wasmtime::Error, /grow/)
      expect([instance.invoke("m+", 2), instance.invoke("t+", 5), instance.invoke("m+", 1), instance.invoke("t+", 4)]).to eq([-1, -1, 1, 1])
    end

    it "raises for a table past its maximum, negative numbers and any that do not fit, and changes nothing" do
      table = Wasmtime::Table.new(store, :externref, nil, min_size: 1, max_size: 10)
      [10, 2**31, 2**32, 2**63, (2**64) - 1, 2**64, 2**100, -1, -2**63, nil, "1"].each do |delta|
        error = raised_by { table.grow(delta) }
        expect(fine.any? { |klass| klass === error }).to be(true), "#{delta.inspect}: #{error.inspect}"
      end
      [10, 2**32, 2**63, (2**64) - 1, 2**64, -1, nil, "1"].each do |index|
        error = raised_by { table.set(index, 1) }
        expect(fine.any? { |klass| klass === error }).to be(true), "set #{index.inspect}: #{error.inspect}"
        expect([NilClass, RangeError, TypeError]).to include(raised_by { table.get(index) }.class)
      end
      expect(table.size).to eq(1)
    end

    it "raises or works for an unlimited table that would need all memory" do
      out = apart(<<~'RUBY')
        table = Wasmtime::Table.new(Wasmtime::Store.new, :externref, nil, min_size: 1)
        Process.setrlimit(Process::RLIMIT_AS, (File.read("/proc/self/statm").to_i * 4096) + (1 << 29))
        p raised { table.grow(2**32 - 2) }.is_a?(Wasmtime::Error), table.size
      RUBY
      expect(out).to eq("true\n1")
    end

    it "raises for sizes of a new memory or table that no machine has" do
      out = apart(<<~'RUBY')
        store = Wasmtime::Store.new
        sizes = [65_537, 2**31, 2**32, 2**48, 2**48 + 1, 2**63, 2**64 - 1, 2**64, -1, nil, "1", 1.5]
        kinds = sizes.flat_map do |size|
          [-> { Wasmtime::Memory.new(store, min_size: size) }, -> { Wasmtime::Memory.new(store, min_size: 0, max_size: size) },
           -> { Wasmtime::Memory.new(store, min_size: size, memory64: true) }, -> { Wasmtime::Memory.new(store, min_size: 5, max_size: size, memory64: true) },
           -> { Wasmtime::Memory.new(store, min_size: 5, max_size: 1, memory64: size != 1) },
           -> { Wasmtime::Table.new(store, :funcref, nil, min_size: size == 2**31 ? 2**64 - 1 : size) }, -> { Wasmtime::Table.new(store, :externref, nil, min_size: 0, max_size: size) },
           -> { Wasmtime::MemoryType.new(size, 1).inspect }, -> { Wasmtime::TableType.new(:funcref, size, 1).inspect }].map { |call| raised(&call).class }
        end
        p kinds.uniq - [String, Wasmtime::Error, ArgumentError, RangeError, TypeError]
      RUBY
      expect(out).to eq("[]")
    end
  end
end
