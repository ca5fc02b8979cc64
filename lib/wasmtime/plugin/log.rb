# frozen_string_literal: true

module Wasmtime
  class Plugin
    # What guests write to their standard streams, on its way to a Logger: an entry for each line, with the plugin's name before it.
    # @api private
    class Log
      # Entries of one stream and one call: each costs much more than the newline that makes it.
      MOST_LINES = 1000
      # How standard output and standard error are logged.
      SEVERITIES = { stdout: :info, stderr: :error }.freeze

      # @param logger [#info, #error]
      # @param name [String] the plugin's
      # @raise [TypeError] for what is no logger
      def initialize(logger, name)
        missing = SEVERITIES.values.reject { |severity| logger.respond_to?(severity) }
        raise TypeError, "logger: expected a Logger, got #{logger.inspect}, which has no #{missing.join(' and no ')}" if missing.any?

        @logger = logger
        @tag = "[#{Untrusted.line(name, 100)}]"
      end

      # @param stream [:stdout, :stderr]
      # @param bytes [String] all that a call wrote there
      # @param truncated [Boolean] whether the guest wrote more
      def write(stream, bytes, truncated: false)
        severity = SEVERITIES.fetch(stream)
        count = 0
        bytes.each_line(chomp: true) do |line|
          entry(severity, line) if (count += 1) <= MOST_LINES
        end
        entry(severity, "... #{count - MOST_LINES} more lines to #{stream} were dropped") if count > MOST_LINES
        entry(severity, "... more output to #{stream} was dropped: limits: output is reached") if truncated
      end

      # What the plugin layer itself has to tell.
      def error(text)
        entry(:error, text)
      end

      private

      def entry(severity, line)
        @logger.public_send(severity, "#{@tag} #{Untrusted.line(line)}")
      end
    end
    private_constant :Log
  end
end
