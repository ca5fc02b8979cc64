# frozen_string_literal: true

module Wasmtime
  module Testing
    # What became of a block, or of a program that {Wasmtime.run} ran: how it ended, and what was written meanwhile.
    # @api private
    class Outcome
      # What tells results of {Wasmtime.run} from other objects.
      RESULT = %i[status stdout stderr error truncated?].freeze
      # Of what was written, how many bytes a message shows.
      SHOWN = 2000

      # @return [Symbol] :block or :run
      attr_reader :kind
      # @return [Integer, nil] nil after a trap
      attr_reader :status
      # @return [Trap, nil]
      attr_reader :error

      class << self
        # @param actual [Proc, RunResult, Outcome, Object]
        # @param session [Session] whose instances are looked at
        # @return [Outcome, nil] nil for what can have no outcome
        # @raise [Exception] whatever the block raises that is no end of a guest
        def of(actual, session)
          case actual
          when Outcome then actual
          when Proc then of_block(actual, session)
          else of_result(actual) if result?(actual)
          end
        end

        private

        def result?(object)
          RESULT.all? { |name| object.respond_to?(name) }
        end

        def of_result(result)
          texts = { stdout: result.stdout, stderr: result.stderr }
          new(:run, result.status, result.error, texts, denied: result.error.is_a?(MemoryLimitError), truncated: result.truncated?)
        end

        def of_block(block, session)
          before = session.records.each_with_object({}.compare_by_identity) do |record, marks|
            marks[record] = { stdout: record.stdout.bytesize, stderr: record.stderr.bytesize, denied: record.denied? }
          end
          ending = run(block)
          since(before, session.records, *ending)
        end

        # The value of the block, its status, and what stopped it.
        def run(block)
          value = block.call
          return [value, value.status, value.error] if result?(value)

          [value, value.is_a?(Component::Result) && value.error? ? 1 : 0, nil]
        rescue WasiExit => e
          [nil, e.code, nil]
        rescue Trap => e
          [nil, nil, e]
        rescue Error => e
          raise unless Component::WasiCommand._failure?(e)

          [nil, 1, nil]
        end

        def since(before, records, value, status, error)
          texts = %i[stdout stderr].to_h do |stream|
            written = records.map { |record| record.text(stream, before.dig(record, stream) || 0) }
            [stream, [*written, *(value.public_send(stream) if result?(value))].join]
          end
          denied, earlier = records.select(&:denied?).partition { |record| !before.dig(record, :denied) }
          new(:block, status, error, texts, value: value, denied: denied.any? || error.is_a?(MemoryLimitError), denied_before: earlier.any?,
                                            truncated: records.any?(&:truncated?))
        end
      end

      def initialize(kind, status, error, texts, denied:, truncated:, value: nil, denied_before: false)
        @kind = kind
        @status = status
        @error = error
        @texts = texts
        @value = value
        @denied = denied
        @denied_before = denied_before
        @truncated = truncated
      end

      # @return [Boolean] whether a guest was denied memory
      def denied?
        @denied
      end

      # @return [Boolean] whether one had been denied memory before the block, so that nobody can tell whether it was again
      def denied_before?
        @denied_before
      end

      # @param stream [:stdout, :stderr]
      # @return [String, nil] nil when it went elsewhere
      def text(stream)
        @texts[stream]
      end

      def truncated?
        @truncated
      end

      # @return [String] how it ended, for "but it ..."
      def ending
        return trap_text if error
        return "exited with status #{status}" if kind == :run || status != 0 || @value.nil?

        "returned #{short(@value.inspect)}"
      end

      # @return [String] what was written, for the end of a message; empty when nothing was
      def written
        %i[stdout stderr].filter_map { |stream| "\nit wrote to #{stream}: #{show(text(stream))}" unless text(stream).to_s.empty? }.join
      end

      # @return [String] a text as a message shows it
      def show(text)
        shown = text.bytesize > SHOWN ? "#{text.byteslice(0, SHOWN).inspect} and #{text.bytesize - SHOWN} bytes more" : text.inspect
        truncated? ? "#{shown} (some of it was dropped, because it was more than is kept)" : shown
      end

      private

      def trap_text
        frames = error.is_a?(Trap) ? error.frames.first(5).map { |frame| "\n    #{frame}" }.join : ""
        code = error.is_a?(Trap) ? " with #{error.code.inspect}" : ""
        "#{error.is_a?(Trap) ? 'trapped' : 'was stopped'}#{code}: #{error.class}: #{error.message.lines.first.to_s.chomp}#{frames}"
      end

      def short(text)
        text.size > 200 ? "#{text[0, 200]}..." : text
      end
    end
    private_constant :Outcome
  end
end
