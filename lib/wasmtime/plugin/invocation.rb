# frozen_string_literal: true

module Wasmtime
  class Plugin
    # What all calls of a plugin have in common.
    # @api private
    Setup = Struct.new(:name, :instances, :seconds, :release, :log, keyword_init: true)
    private_constant :Setup

    # One call of a plugin, from waiting for an instance to logging what it wrote. As long as all goes well it has three variables, which an object
    # has room for without more memory.
    # @api private
    class Invocation
      # @return [Guest, nil] who is called
      attr_accessor :guest
      # @return [Usage, nil] what it took; nil as long as nobody needs to know
      attr_reader :usage
      # @return [Boolean] whether the guest had called a host block when it failed
      attr_reader :called_host

      # @param setup [Setup]
      # @param function [String, Symbol, Array]
      def initialize(setup, function)
        @setup = setup
        @function = function
        @guest = nil
      end

      # @return [String]
      def plugin
        @setup.name
      end

      # @return [String] the name of the function
      def function
        @function.is_a?(Array) ? @function.join("#") : @function.to_s
      end

      # A message about this call.
      def message(text)
        "plugin #{@setup.name}: #{function}: #{text}"
      end

      # @yieldparam guest [Guest]
      # @yieldparam begun [Float] when its time began to run
      # @return [Object] what the block returns
      def run
        setup = @setup
        setup.instances.take(self)
        guest = @guest
        begun = Usage._now
        guest.enter(setup.seconds, setup.release)
        value = yield guest, begun
        guest.leave
        well = true
        value
      rescue Exception => e # rubocop:disable Lint/RescueException
        explain(e, begun)
      ensure
        setup.instances.give(self, well)
        log if @outputs
      end

      # Before another call may have the guest.
      # @return [Guest]
      def take_outputs
        @outputs = @guest.take_outputs
        @guest
      end

      private

      def explain(error, begun)
        @usage = @guest&.usage(begun)
        @called_host = @usage ? @usage.host_calls.positive? : false
        error.is_a?(Wasmtime::Error) ? Faults.raise_explained(error, self) : raise
      end

      def log
        @outputs.each { |stream, text, truncated| @setup.log.write(stream, text, truncated: truncated) }
      end
    end
    private_constant :Invocation
  end
end
