# frozen_string_literal: true

module Wasmtime
  # A Proc that takes the Caller first and hands it on as the keyword `caller:`. From Ruby that needs no Hash, which it would from C.
  # @api private
  class CallerBlock < Proc
    FORWARDERS = [
      ->(block) { new { |caller| block.call(caller: caller) } },
      ->(block) { new { |caller, a| block.call(a, caller: caller) } },
      ->(block) { new { |caller, a, b| block.call(a, b, caller: caller) } },
      ->(block) { new { |caller, a, b, c| block.call(a, b, c, caller: caller) } },
      ->(block) { new { |caller, a, b, c, d| block.call(a, b, c, d, caller: caller) } }
    ].freeze
    ANY = ->(block) { new { |caller, *arguments| block.call(*arguments, caller: caller) } }
    private_constant :FORWARDERS, :ANY

    # @param block [Proc] with the keyword `caller:`
    # @param count [Integer] how many arguments it will be given
    # @return [CallerBlock]
    def self.forward(block, count)
      forwarder = FORWARDERS.fetch(count, ANY).call(block)
      forwarder.instance_variable_set(:@block, block)
      forwarder
    end

    # Messages name the program's own block.
    def inspect
      @block.inspect
    end
  end
  private_constant :CallerBlock
end
