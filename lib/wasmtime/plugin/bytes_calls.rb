# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Calls functions of a module with a String by the convention of pointer and length: the guest's `allocate(length)` gives a pointer, the bytes are
    # written there, and `f(pointer, length)` gives where its result is, as two numbers or packed into one (pointer << 32 | length). Whatever the
    # guest says is compared with its memory before a String is made of it.
    # @api private
    class BytesCalls
      # Names by which allocators go, the likeliest first.
      ALLOCATE = %w[allocate alloc malloc __alloc wasm_alloc wasm_allocate guest_alloc __wbindgen_malloc cabi_realloc].freeze
      FREE = %w[deallocate dealloc free __free wasm_dealloc wasm_free guest_free __wbindgen_free].freeze
      POINTERS = %i[i32 i64].freeze
      # Of allocators that ask for it: bytes can be anywhere.
      ALIGNMENT = 1
      LOW = 0xffff_ffff
      private_constant :ALLOCATE, :FREE, :POINTERS, :ALIGNMENT, :LOW

      # @param program [CoreProgram]
      # @param allocate [String, Symbol, nil] nil: the first of the usual names
      # @param free [String, Symbol, false, nil] nil: the first of the usual names, if any; false: nothing is freed
      # @raise [Error] when a function that is named does not exist
      def initialize(program, allocate: nil, free: nil)
        @program = program
        @types = program.types
        @allocate = named("allocate", allocate) || ALLOCATE.find { |name| @types.key?(name) }
        @free = named("free", free) || FREE.find { |name| @types.key?(name) } unless free == false
        @checked = {}
      end

      # @param guest [Guest]
      # @param target [String] the function's name
      # @param string [String] its bytes are given to the guest
      # @param free [Boolean] whether what was allocated is given back: the next call will have the same memory
      # @return [String] a copy of the bytes that the guest gives; ASCII-8BIT
      # @raise [Faults::Misbehaviour] when it gives a place that it does not have
      # @raise [Error] when the plugin does not follow the convention
      def call(guest, target, string, free:)
        @checked[target] ||= check(target)
        memory = guest.instance.export(@program.memory)
        # A guest may give NULL for nothing at all.
        size = [string.bytesize, 1].max
        pointer = allocate(guest, memory, size)
        memory.write(pointer, string)
        from, length = place(guest.call(target, [pointer, string.bytesize]), @types[target].results)
        within(memory, from, length, target)
        bytes = memory.read(from, length)
        release(guest, pointer, size, from, length) if free && @free
        bytes
      end

      private

      def named(what, name)
        return if name.nil?
        return name.to_s if @types.key?(name.to_s)

        raise Error, "#{what}: the plugin exports no function #{name.to_s.inspect} (it has #{Untrusted.line(@types.keys.join(', '), 300)})"
      end

      # The shapes of functions, once for each function.
      def check(target)
        raise Error, "call_bytes needs the guest's memory: the plugin exports none that is named memory" unless @program.memory

        unless @allocate
          raise Error,
                "call_bytes needs a function of the guest that allocates: the plugin exports none of #{ALLOCATE.join(', ')}; name it with allocate:"
        end

        [[@allocate, 1..4, 1..1], *([[@free, 1..3, 0..1]] if @free), [target, 2..2, 1..2]].each do |name, params, results|
          type = @types.fetch(name)
          next if params.cover?(type.params.size) && results.cover?(type.results.size) && numbers?(type, name == target)

          raise Error, "call_bytes does not know how to call #{name}, which is #{type}: expected #{expected(name)}"
        end
        true
      end

      def numbers?(type, packed)
        (type.params + type.results).all? { |one| POINTERS.include?(one) } && (!packed || type.results.size == 2 || type.results == [:i64])
      end

      def expected(name)
        case name
        when @allocate then "(size) -> pointer"
        when @free then "(pointer) or (pointer, size)"
        else "(pointer, length) -> i64 with both packed into it, or (pointer, length) -> (pointer, length)"
        end
      end

      def allocate(guest, memory, size)
        arguments = case @types[@allocate].params.size
                    when 4 then [0, 0, ALIGNMENT, size] # realloc of the canonical ABI
                    when 2 then [size, ALIGNMENT]
                    else [size]
                    end
        pointer = unsigned(guest.call(@allocate, arguments), @types[@allocate].results.first)
        raise Faults::Misbehaviour, "#{@allocate}(#{size}) gave no memory" if pointer.zero?

        within(memory, pointer, size, "#{@allocate}(#{size})")
        pointer
      end

      # Pointer and length.
      def place(result, types)
        return [unsigned(result, :i64) >> 32, result & LOW] if types.size == 1

        result.zip(types).map { |number, type| unsigned(number, type) }
      end

      # Numbers come signed.
      def unsigned(number, type)
        number & (type == :i64 ? 0xffff_ffff_ffff_ffff : LOW)
      end

      def within(memory, pointer, length, who)
        return if pointer + length <= memory.bytesize

        raise Faults::Misbehaviour, "#{who} gave #{length} bytes at #{pointer}, but the guest's memory has #{memory.bytesize}"
      end

      # A result may be the argument, changed in place, and an empty one need not be anywhere.
      def release(guest, pointer, size, from, length)
        free(guest, pointer, size)
        free(guest, from, length) unless from == pointer || length.zero?
      end

      def free(guest, pointer, size)
        guest.call(@free, [pointer, size, ALIGNMENT].first(@types[@free].params.size))
      end
    end
    private_constant :BytesCalls
  end
end
