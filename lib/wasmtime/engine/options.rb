# frozen_string_literal: true

module Wasmtime
  class Engine
    # Checks options before native code sees them: names, types, ranges and text. The names come from the native tables of setters.
    # @api private
    module Options
      # Name => true (a switch), a largest number, or the list of choices.
      TABLE = Ractor.make_shareable(Engine._options)
      # Options with rules of their own.
      SPECIAL = %i[target cache allocation_strategy cranelift_flags].freeze
      # Switches any object turns on or off by its truthiness, as programs written for the `wasmtime` gem expect.
      TRUTHY = %i[
        debug_info native_unwind_info consume_fuel epoch_interruption wasm_threads wasm_multi_memory wasm_memory64 wasm_reference_types
        wasm_exceptions parallel_compilation generate_address_map async_stack_zeroing wasm_backtrace_details
      ].freeze

      module_function

      # The options as pairs of name and value that native code takes as they are.
      def pairs(options)
        options.filter_map do |name, value|
          known!(name, TABLE.keys + SPECIAL)
          value = SPECIAL.include?(name) ? send(name, value) : plain(name, value)
          [name.name, *value] unless value.nil?
        end
      end

      # What `inspect` shows.
      def describe(options)
        shown = options.map do |name, value|
          "#{name}: #{value.is_a?(PoolingAllocationConfig) ? ':pooling' : value.inspect}"
        end
        shown.join(", ").encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
      end

      # The options for {read}, kept by native code; "" when they cannot be written down, which is so with a pool.
      def recipe(options)
        Marshal.dump(options)
      rescue TypeError
        ""
      end

      # @return [Hash{Symbol => Object}, nil] what {recipe} was given
      def read(recipe)
        recipe.nil? ? {} : (Marshal.load(recipe) unless recipe.empty?) # rubocop:disable Security/MarshalLoad -- our own
      end

      # @raise [TypeError] when the name is no Symbol
      # @raise [ArgumentError] when nobody knows it
      def known!(name, names)
        raise TypeError, "option names are Symbols, got #{name.inspect}" unless name.is_a?(Symbol)
        return if names.include?(name)

        near = DidYouMean::SpellChecker.new(dictionary: names).correct(name).first if defined?(DidYouMean::SpellChecker)
        raise ArgumentError, "Unknown option: #{name.inspect}#{" (did you mean #{near.inspect}?)" if near}"
      end

      def plain(name, value)
        return [value ? true : false] if TRUTHY.include?(name)

        check(name, TABLE.fetch(name), value, "bytes") unless value.nil?
      end

      # A value as its rule wants it, in an Array.
      def check(name, rule, value, unit)
        case rule
        when true then [switch(name, value)]
        when Integer then [number(name, rule, value, unit)]
        else [choice(name, rule, value)]
        end
      end

      def switch(name, value)
        return value if [true, false].include?(value)

        raise TypeError, "option #{name}: expected true or false, got #{kind(value)}"
      end

      def number(name, max, value, unit)
        raise TypeError, "option #{name}: expected an Integer (#{unit}), got #{kind(value)}" unless value.respond_to?(:to_int)

        number = Integer(value)
        return number if number.between?(0, max)

        raise RangeError, "option #{name}: expected 0 to #{max}, got #{number}"
      rescue FloatDomainError
        raise RangeError, "option #{name}: expected 0 to #{max}, got #{value}"
      end

      def choice(name, choices, value)
        raise TypeError, "option #{name}: expected one of #{choices.inspect}, got #{kind(value)}" unless value.is_a?(Symbol)
        return value.name if choices.include?(value)

        raise ArgumentError, "invalid #{name.inspect}, expected one of #{choices.inspect}, got #{value.inspect}"
      end

      def target(value)
        [text(:target, value, "a String")] unless value.nil?
      end

      def cache(value)
        case value
        when nil, false then nil
        when true then [nil]
        else [text(:cache, value.respond_to?(:to_path) ? value.to_path : value, "true, false or a path")]
        end
      end

      def allocation_strategy(value)
        case value
        when nil, :on_demand then nil
        when :pooling then [PoolingAllocationConfig.new]
        when PoolingAllocationConfig then [value]
        when Symbol then raise ArgumentError, "invalid instance allocation strategy: #{value.inspect}"
        else
          raise TypeError, "option allocation_strategy: expected :on_demand, :pooling or a Wasmtime::PoolingAllocationConfig, got #{kind(value)}"
        end
      end

      def cranelift_flags(value)
        return if value.nil?
        raise TypeError, "option cranelift_flags: expected a Hash, got #{kind(value)}" unless value.respond_to?(:to_hash)

        [value.to_hash.map { |flag, setting| [text(:cranelift_flags, word(flag), "a String or Symbol as a name"), flag_value(setting)] }]
      end

      # Flags that are on are enabled, which works for presets too; everything else is set to the text of the value.
      def flag_value(setting)
        case setting
        when true then nil
        when false, Integer then setting.to_s
        else text(:cranelift_flags, word(setting), "true, false, an Integer, a String or a Symbol as a value")
        end
      end

      def word(value)
        value.is_a?(Symbol) ? value.name : value
      end

      # Text for C: UTF-8 up to a NUL.
      def text(name, value, expected)
        raise TypeError, "option #{name}: expected #{expected}, got #{kind(value)}" unless value.respond_to?(:to_str)

        text = value.to_str
        text = text.encode(Encoding::UTF_8) unless text.encoding == Encoding::BINARY
        text = text.dup.force_encoding(Encoding::UTF_8)
        raise ArgumentError, "option #{name}: the text is not valid UTF-8" unless text.valid_encoding?
        raise ArgumentError, "option #{name}: the text contains a NUL byte" if text.include?("\0")

        text
      rescue EncodingError
        raise ArgumentError, "option #{name}: the text is not valid UTF-8"
      end

      def kind(value)
        [nil, true, false].include?(value) ? value.inspect : value.class
      end
    end
    private_constant :Options
  end
end
