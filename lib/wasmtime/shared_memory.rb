# frozen_string_literal: true

module Wasmtime
  # A memory that several stores of one engine share, and the threads that run them. It belongs to no store and never moves. Needs the engine
  # options `wasm_threads` and `shared_memory`. Frozen ones can be shared between Ractors.
  #
  # @example
  #   engine = Wasmtime::Engine.new(wasm_threads: true, shared_memory: true)
  #   memory = Wasmtime::SharedMemory.new(engine, min_size: 1, max_size: 4)
  #   memory.atomic_add_i32(0, 5) # => 0
  #   memory.atomic_load_i32(0)   # => 5
  class SharedMemory
    include Extern

    # @param engine [Engine]
    # @param min_size [Integer] pages at the start
    # @param max_size [Integer] pages at most
    # @param memory64 [Boolean] whether addresses have 64 bits
    # @param page_size [Integer] bytes a page: 65536, or 1 with the engine option `wasm_custom_page_sizes`
    # @return [SharedMemory]
    # @raise [ArgumentError] for another page size
    # @raise [Error] when the limits contradict each other, or the engine has no shared memories
    def self.new(engine, min_size:, max_size:, memory64: false, page_size: 65_536)
      _new(engine, min_size, max_size, memory64 ? true : false, MemoryType._page_size_log2(page_size))
    end
    private_class_method :_new

    # @!method size
    #   @return [Integer] pages now
    # @!method data_size
    #   @return [Integer] bytes now
    # @!method grow(delta)
    #   @param delta [Integer] pages to add
    #   @return [Integer] pages before
    #   @raise [Error] "failed to grow memory by ..." past its maximum
    # @!method read(offset, length)
    #   Copies bytes that other threads may be changing: each byte is one that was there, not all of one moment.
    #   @param offset [Integer]
    #   @param length [Integer]
    #   @return [String] a copy of the bytes, ASCII-8BIT
    #   @raise [Error] out of bounds
    # @!method atomic_load_i32(offset)
    #   @param offset [Integer] a multiple of 4
    #   @return [Integer] the signed number there
    #   @raise [Error] out of bounds, or unaligned
    # @!method atomic_store_i32(offset, value)
    #   Replaces the number there.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [nil]
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_add_i32(offset, value)
    #   Adds to the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_sub_i32(offset, value)
    #   Subtracts from the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_and_i32(offset, value)
    #   Ands the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_or_i32(offset, value)
    #   Ors the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_xor_i32(offset, value)
    #   Xors the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_exchange_i32(offset, value)
    #   Replaces the number there, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_compare_exchange_i32(offset, expected, value)
    #   Replaces the number there if it is the expected one, in one step.
    #   @param offset [Integer] a multiple of 4
    #   @param expected [Integer] -2**31..2**32-1
    #   @param value [Integer] -2**31..2**32-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_wait_i32(offset, expected, timeout: nil)
    #   Waits until {#atomic_notify} or a guest's `memory.atomic.notify` wakes this thread, without the GVL. Can be interrupted like a
    #   sleep of Ruby's. A notification that does not change the number may be missed; change it before you notify.
    #   @param offset [Integer] a multiple of 4
    #   @param expected [Integer] -2**31..2**32-1
    #   @param timeout [Numeric, nil] seconds; nil for no limit
    #   @return [Symbol] :ok when woken, :not_equal when another number is there, :timed_out
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [ArgumentError] for a negative timeout
    # @!method atomic_load_i64(offset)
    #   @param offset [Integer] a multiple of 8
    #   @return [Integer] the signed number there
    #   @raise [Error] out of bounds, or unaligned
    # @!method atomic_store_i64(offset, value)
    #   Replaces the number there.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [nil]
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_add_i64(offset, value)
    #   Adds to the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_sub_i64(offset, value)
    #   Subtracts from the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_and_i64(offset, value)
    #   Ands the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_or_i64(offset, value)
    #   Ors the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_xor_i64(offset, value)
    #   Xors the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_exchange_i64(offset, value)
    #   Replaces the number there, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_compare_exchange_i64(offset, expected, value)
    #   Replaces the number there if it is the expected one, in one step.
    #   @param offset [Integer] a multiple of 8
    #   @param expected [Integer] -2**63..2**64-1
    #   @param value [Integer] -2**63..2**64-1
    #   @return [Integer] the signed number that was there
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [RangeError] for a number that does not fit
    # @!method atomic_wait_i64(offset, expected, timeout: nil)
    #   Waits until {#atomic_notify} or a guest's `memory.atomic.notify` wakes this thread, without the GVL. Can be interrupted like a
    #   sleep of Ruby's. A notification that does not change the number may be missed; change it before you notify.
    #   @param offset [Integer] a multiple of 8
    #   @param expected [Integer] -2**63..2**64-1
    #   @param timeout [Numeric, nil] seconds; nil for no limit
    #   @return [Symbol] :ok when woken, :not_equal when another number is there, :timed_out
    #   @raise [Error] out of bounds, or unaligned
    #   @raise [ArgumentError] for a negative timeout

    # @return [Integer] bytes now, as {#data_size}
    alias bytesize data_size

    %i[add sub and or xor exchange].each do |operation|
      define_method(:"atomic_#{operation}_i32") { |offset, value| _apply32(operation, offset, value) }
      define_method(:"atomic_#{operation}_i64") { |offset, value| _apply64(operation, offset, value) }
    end

    [32, 64].each do |bits|
      apply = :"_apply#{bits}"
      define_method(:"atomic_load_i#{bits}") { |offset| send(apply, :load, offset, 0) }
      define_method(:"atomic_store_i#{bits}") do |offset, value|
        send(apply, :store, offset, value)
        nil
      end
      compare = :"_compare_exchange#{bits}"
      define_method(:"atomic_compare_exchange_i#{bits}") { |offset, expected, value| send(compare, offset, expected, value) }
      define_method(:"atomic_wait_i#{bits}") do |offset, expected, timeout: nil|
        raise ArgumentError, "timeout: expected seconds from 0 on, got #{timeout.inspect}" if timeout&.negative?

        _wait(offset, expected, bits == 64, timeout&.to_f)
      end
    end

    # Wakes threads and guests that wait at an offset.
    # @param offset [Integer] a multiple of 4
    # @param count [Integer] how many at most
    # @return [Integer] how many
    # @raise [Error] out of bounds, or unaligned
    def atomic_notify(offset, count = 0xffff_ffff)
      _notify(offset, count)
    end

    # Copies bytes into the memory, one after the other: other threads may see some of them.
    # @param offset [Integer]
    # @param string [String] its bytes are copied
    # @return [nil]
    # @raise [Error] out of bounds
    def write(offset, string)
      _write(offset, Wasmtime._string(string))
    end

    # @return [MemoryType] its type
    def type
      MemoryType._from_desc(_type)
    end
  end
end
