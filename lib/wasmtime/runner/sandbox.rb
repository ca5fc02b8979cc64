# frozen_string_literal: true

module Wasmtime
  class Runner
    # What a program sees of the world, and where its output goes.
    # @api private
    class Sandbox
      # How long, in seconds, objects may take for what is left when the time is over.
      GRACE = 0.1
      private_constant :GRACE

      # @return [WasiConfig]
      attr_reader :config

      # @param limit [Integer, nil] bytes of each output stream
      def initialize(argv:, env:, dirs:, stdin:, stdout:, stderr:, limit:)
        @captured = { stdout: stdout, stderr: stderr }.select { |_stream, target| target == :capture }.transform_values { String.new }
        @config = WasiConfig.new.set_argv(argv).set_env(env).set_stdin(stdin)
        @config.set_stdout(@captured.fetch(:stdout, stdout), limit).set_stderr(@captured.fetch(:stderr, stderr), limit)
        @config._map_directories(dirs)
      end

      # @return [Boolean] whether the guest may wait for a Ruby object, once there is a store
      def live?
        @config._pipes.any?
      end

      # @return [Exception, nil] what one of the objects raised
      def error
        @config._error
      end

      # Lets the guest find the end of its input.
      def end_input
        @config._pipes.grep(Streams::Input).each(&:stop)
      end

      # Waits until all output has arrived; the guest's ends are closed. An object that takes too long does not get the rest.
      # @param seconds [Float, nil] how long it may take; nil as long as it does
      def finish(seconds)
        @config._pipes.grep(Streams::Output).each { |pipe| pipe.finish(seconds && [seconds, GRACE].max) }
        @config._raise_error
      end

      # Ends what is left.
      def stop
        @config._pipes.each(&:stop)
      end

      # @return [Hash{Symbol => Object}] for {RunResult}
      def captured
        texts = @captured.transform_values { |text| text.force_encoding(Encoding::UTF_8).freeze }
        { stdout: texts[:stdout], stderr: texts[:stderr], truncated: @config.truncated? }
      end
    end
  end
end
