# frozen_string_literal: true

module Wasmtime
  class Memory
    # A range of a memory, as the existing gem offers it. Despite its name it is safe here: {#to_str} copies. For access without a copy
    # see {Memory#view}.
    class UnsafeSlice
      class << self
        # @api private
        def _new(memory, offset, length)
          memory.read(offset, length)
          allocate.tap { |slice| slice.__send__(:initialize_slice, memory, offset, length) }
        end

        undef_method :new
        private :allocate
      end

      # @return [String] a frozen copy of the bytes, ASCII-8BIT
      # @raise [Error] when the memory has changed its size since
      def to_str
        raise Error, "memory slice was invalidated by resize" unless @memory.bytesize == @bytesize

        @memory.read(@offset, @length).freeze
      end

      # @return [Fiddle::MemoryView] a view of a copy of the bytes
      # @raise [ArgumentError] when the memory has changed its size since
      def to_memory_view
        require "fiddle"
        Fiddle::MemoryView.new(Fiddle::Pointer[to_str])
      rescue StoreError
        raise
      rescue Error
        raise ArgumentError, "Unable to get a memory view from #{inspect}"
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Memory::UnsafeSlice offset=#{@offset} length=#{@length}>"
      end

      private

      def initialize_slice(memory, offset, length)
        @memory = memory
        @offset = offset
        @length = length
        @bytesize = memory.bytesize
      end
    end
  end
end
