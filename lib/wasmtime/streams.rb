# frozen_string_literal: true

require_relative "streams/pipe"
require_relative "streams/input"
require_relative "streams/output"

module Wasmtime
  # Standard streams of guests that lead to Ruby objects, those of one {WasiConfig}. Each store has pipes and threads of its own.
  # @api private
  module Streams
    # A setting: an object, and the pipes of stores that lead to it.
    class Setting
      # @return [Object]
      attr_reader :object
      # @return [Array<Input, Output>] of stores that were made with it, those that ended apart
      attr_reader :pipes

      # @param stream [:stdin, :stdout, :stderr]
      # @param limit [Integer, nil] bytes of each store
      def initialize(stream, object, limit = nil)
        stream == :stdin ? Input.check(object) : Target.check(object, stream)
        @stream = stream
        @object = object
        @limit = limit
        @pipes = []
        @truncated = false
      end

      def truncated?
        @truncated
      end

      # @return [Boolean] whether another stream's setting would be the same: then they share a pipe, which keeps the order of both
      def share?(object)
        @object.equal?(object) && !Target.logger?(object)
      end

      # A pipe for a store that is being made.
      def open
        @pipes.select!(&:alive?)
        @pipes << (@stream == :stdin ? Input.new(object) : Output.new(Target.open(object, @stream), @limit) { @truncated = true })
        @pipes.last
      end
    end
  end
end
