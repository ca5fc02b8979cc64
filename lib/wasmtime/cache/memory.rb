# frozen_string_literal: true

module Wasmtime
  module Cache
    # What was loaded last, by engine and file. Threads that ask for the same at the same time wait for the one that loads it.
    # @api private
    class Memory
      # A place for a value, and the lock of who makes it.
      Entry = Struct.new(:lock, :value)

      # @param capacity [Integer] how many it keeps
      def initialize(capacity)
        @capacity = capacity
        @lock = Mutex.new
        @entries = {}
      end

      # @return [Object] what is kept for the key, or what the block gives for it
      def once(key)
        entry = entry(key)
        entry.lock.synchronize { entry.value ||= yield }
      end

      # @return [Integer] how many there are
      def size
        @lock.synchronize { @entries.size }
      end

      # Forgets everything.
      def clear
        @lock.synchronize { @entries.clear }
      end

      private

      # The last one asked for is the last one to go.
      def entry(key)
        @lock.synchronize do
          entry = @entries[key] = @entries.delete(key) || Entry.new(Mutex.new)
          @entries.shift while @entries.size > @capacity
          entry
        end
      end
    end
  end
end
