# frozen_string_literal: true

module Wasmtime
  # A WebAssembly exception that left the guest, or that a host block throws to it. A guest catches it by its tag; every other exception of
  # Ruby passes through the guest uncaught, through `catch_all` too.
  #
  # @example Catching what a guest throws
  #   begin
  #     instance.invoke("parse", 7)
  #   rescue Wasmtime::WasmException => e
  #     e.payload if e.tag == instance["syntax_error"] # => [7]
  #   end
  class WasmException < Error
    # @return [Array<Trap::Frame>] the wasm frames, innermost first; frozen
    attr_reader :frames
    # @return [Tag, nil] the kind of exception; nil for one that was made without
    attr_reader :tag
    # @return [Array<Object>] the values it carries; frozen
    attr_reader :payload
    # @return [ExnRef, nil] the exception as a value of its store; nil for one that was made without a tag
    attr_reader :exnref

    # @param message [String, nil] what happened
    # @param tag [Tag, nil] the kind of exception; without one it cannot be caught by a guest
    # @param payload [Array<Object>] one value for each parameter of the tag
    # @param frames [Array<Trap::Frame>] the wasm frames, innermost first
    # @return [void]
    # @raise [ArgumentError] for another number of values
    # @raise [TypeError, RangeError] for a value that does not fit, or what is no Tag
    def initialize(message = nil, tag: nil, payload: [], frames: [])
      Wasmtime._check(tag, Tag) if tag
      @tag = tag
      @payload = Wasmtime._array(payload).dup.freeze
      @exnref = tag && ExnRef.new(tag.store, tag, payload)
      @frames = frames.dup.freeze
      super(message || (tag ? "wasm exception #{tag.type}: #{@payload.inspect}" : nil))
    end

    class << self
      private

      def _build(message, rows, exnref)
        frames = rows.map { |row| Trap::Frame.new(*row).freeze }
        exception = new(message, frames: frames)
        exception.send(:_carry, exnref)
        exception.set_backtrace(frames.map(&:to_s) + caller(1))
        exception
      end
    end

    private

    # Reads what it carries now: the store may be closed when somebody asks.
    def _carry(exnref)
      @exnref = exnref
      @tag = exnref.tag
      @payload = exnref.payload.freeze
    end
  end
end
