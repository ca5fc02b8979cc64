# frozen_string_literal: true

module Wasmtime
  class Memory
    # What {Memory#view} lends, and every slice of it: an IO::Buffer over the guest's own bytes. All of them are freed when the block ends; to
    # use one afterwards raises IO::Buffer::AllocationError.
    # @example
    #   memory.view { |view| view.slice(16, 4).get_value(:u32, 0) }
    class View
      # @!method slice(offset, length)
      #   @param offset [Integer] bytes
      #   @param length [Integer] bytes
      #   @return [View] a part of it, over the same bytes
      #   @raise [ArgumentError] when it would reach beyond the end
      # @!method transfer
      #   @return [View] another object over the same bytes; this one is empty from now on
      #   @raise [IO::Buffer::LockedError] while it is locked

      # @return [Boolean] whether it may be used: false when its block has ended
      def valid?
        !null? && super
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Memory::View #{size} bytes#{' freed' if null?}>"
      end
    end
  end
end
