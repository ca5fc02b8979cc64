# frozen_string_literal: true

module Wasmtime
  # The instance that called a host block. Valid while that block runs; later every method raises "Caller outlived its Func execution".
  class Caller
    # @!method export(name)
    #   @param name [String, Symbol] the export of the calling instance
    #   @return [Func, Memory, Table, Global, Tag, SharedMemory, nil] nil when there is none, or when Ruby called the function directly
    #   @raise [Error] after the block has ended
    # @!method [](name)
    #   @param name [String, Symbol]
    #   @return [Func, Memory, Table, Global, Tag, SharedMemory, nil] as {#export}
    #   @raise [Error] after the block has ended
    # @!method store_data
    #   @return [Object] the data given to {Store.new}
    #   @raise [Error] after the block has ended
    # @!method store
    #   @return [Store] the store the block runs in
    #   @raise [Error] after the block has ended
    # @!method get_fuel
    #   @return [Integer] fuel left
    #   @raise [Error] without fuel in this engine, or after the block has ended
    # @!method set_fuel(fuel)
    #   Sets how much the guest may consume from now on.
    #   @param fuel [Integer] the fuel left from now on
    #   @return [nil]
    #   @raise [Error] without fuel in this engine, or after the block has ended
    # @!method valid?
    #   @return [Boolean] whether the block still runs
  end
end
