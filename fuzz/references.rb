# frozen_string_literal: true

module Fuzz
  # The steps of a {World} that are about references, their types, tags, exceptions and async calls.
  module References
    # How often each comes, beside the others.
    STEPS = { make_type: 3, make_reference: 12, make_cell: 4, make_tag: 2, make_exception: 5, use_reference: 20, use_type: 4, async: 3 }.freeze
    # Fields and payloads of types that the world begins with.
    FIELDS = [[Wasmtime::FieldType.var(:i32), :f64], [Wasmtime::FieldType.var(:anyref), Wasmtime::FieldType.var(:externref)], [],
              [Wasmtime::FieldType.var(:v128), :i8, Wasmtime::FieldType.var(:i16), Wasmtime::FieldType.var(:exnref)]].freeze
    ELEMENTS = %i[i8 i16 i64 f32 v128 anyref externref funcref].freeze

    # A reference of a type, if there happens to be one among a few.
    def reference(type)
      Array.new(4) { any(:reference) }.compact.find { |reference| reference.matches?(type) }
    rescue Wasmtime::Error
      nil
    end

    private

    def find_types
      @engines.each do |engine|
        FIELDS.each { |fields| keep(:type, Wasmtime::StructType.new(engine, fields)) }
        ELEMENTS.sample(3, random: @random).each { |element| keep(:type, Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(element))) }
      end
    end

    def make_type
      engine = @values.pick(@engines)
      field = -> { chance?(2) ? @values.type : Wasmtime::FieldType.var(@values.type) }
      keep(:type, @values.pick([
                                 -> { Wasmtime::StructType.new(engine, Array.new(@random.rand(5)) { field.call }) },
                                 -> { Wasmtime::ArrayType.new(engine, field.call) },
                                 -> { Wasmtime::ExnType.new(engine, Array.new(@random.rand(3)) { @values.type }) },
                                 -> { any!(:func).params.grep(Wasmtime::ValType).filter_map(&:type).first || any!(:type) },
                                 -> { any!(:reference).type || any!(:type) }
                               ]).call)
    end

    def make_reference
      store = any!(:store)
      type = any!(:type)
      keep(:reference, @values.pick([
                                      -> { fitting(store, type) },
                                      -> { fitting(store, type) },
                                      -> { Wasmtime::StructRef.new(store, type, @values.anything) },
                                      -> { Wasmtime::ArrayRef.filled(store, type, @values.number, @values.anything) },
                                      -> { Wasmtime::ExnRef.new(store, any(:tag), [@values.number, @values.anything]) },
                                      -> { Wasmtime::AnyRef.from_extern(store, @values.anything) }
                                    ]).call || raise(HostError, "a null"))
    end

    def fitting(store, type)
      case type
      when Wasmtime::StructType then Wasmtime::StructRef.new(store, type, @values.for_types(type.fields))
      when Wasmtime::ArrayType then Wasmtime::ArrayRef.new(store, type, @values.for_types([type.element] * @random.rand(20)))
      else Wasmtime::AnyRef.from_extern(store, Object.new)
      end
    end

    def make_cell
      store = any!(:store)
      type = @values.type
      @values.pick([
                     -> { keep(:table, Wasmtime::Table.new(store, type, @values.for_type(type), min_size: @random.rand(5), max_size: 100)) },
                     -> { keep(:global, Wasmtime::Global.var(store, type, @values.for_type(type))) },
                     -> { keep(:func, Wasmtime::Func.new(store, [type], [type]) { |caller, object| host(caller, object) }) },
                     -> { keep(:func, Wasmtime::Func.new(store, [type, :i32], [:i32, type]) { |caller, one, two| [two, host(caller, one)] }) },
                     -> { any!(:table).set(@random.rand(4), any(:reference)) },
                     -> { any!(:global).set(any(:reference)) }
                   ]).call
    end

    def make_tag
      keep(:tag, Wasmtime::Tag.new(any!(:store), Array.new(@random.rand(3)) { @values.type }))
    end

    def make_exception
      tag = any!(:tag)
      payload = @values.for_types(tag.type.params)
      keep(:exception, chance?(2) ? tag.exception(*payload) : Wasmtime::WasmException.new(tag: tag, payload: payload))
    end

    def use_reference
      reference = any!(:reference)
      kept = @values.pick([
                            -> { answering(reference, :[])[@random.rand(4)] },
                            -> { answering(reference, :[]=)[@random.rand(4)] = @values.anything },
                            -> { answering(reference, :[]=)[@random.rand(4)] = any(:reference) },
                            -> { reference == any(:reference) },
                            -> { reference.matches?(@values.type) && nil },
                            -> { reference.cast(@values.type) },
                            -> { answering(reference, :deconstruct).deconstruct.grep(Wasmtime::Reference).first },
                            -> { answering(reference, :to_extern).to_extern },
                            -> { answering(reference, :to_any).to_any },
                            -> { any!(:exception).exnref },
                            -> { any!(:table).get(@random.rand(4)) },
                            -> { any!(:global).get }
                          ]).call
      keep(:reference, kept) if Wasmtime::Reference === kept
    end

    def answering(reference, name)
      reference.respond_to?(name) ? reference : raise(HostError, "#{reference.class} has no #{name}")
    end

    def use_type
      one = any!(:type)
      other = any!(:type)
      raise "a type that does not inspect" unless [one, one.to_val_type, other].map(&:inspect).all?(/Type/)
      raise "a type is not shareable" unless Ractor.shareable?(one)
      raise "a subtype of another that is no subtype of its own" if one.subtype_of?(other) && !one.subtype_of?(one.itself)
      raise "equal types have two hashes" if one == other && one.hash != other.hash
    end

    # What a host block throws: an exception of its store, of another, or one that is made right there.
    def thrown
      any(:exception) || HostError.new("there is nothing to throw")
    end

    def async
      func = any!(:func)
      future = func.call_async(*@values.for_types(func.params), timeout: 0.01)
      @random.rand(4).times { future.poll }
      mischief
      @values.pick([-> { future.cancel }, -> { future.value }, -> { keep(:future, future) }]).call
    end
  end
end
