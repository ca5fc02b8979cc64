# frozen_string_literal: true

require "active_support/log_subscriber"
require "active_support/notifications"

module Wasmtime
  class Railtie
    # Logs what plugins do: a call at debug, a compilation at info, a trap at warn, what cannot be loaded at error; one line each.
    # @api private
    class LogSubscriber < ActiveSupport::LogSubscriber
      EVENTS = /\A(?:call|compile|trap)\.wasmtime\z/
      LONGEST = 500 # characters of what a guest may have had a say in

      # Not by `attach_to`: a method `call` for `call.wasmtime` is what newer versions of ActiveSupport call for every event.
      # @return [Object] for ActiveSupport::Notifications.unsubscribe
      def self.subscribe(settings)
        subscriber = new(settings)
        ActiveSupport::Notifications.subscribe(EVENTS) { |event| subscriber.log(event) }
      end

      def initialize(settings)
        super()
        @settings = settings
      end

      # Rails.logger may be another one by now.
      def logger
        @settings._logger
      end

      # Logging never fails a call.
      def log(event)
        case event.name
        when "call.wasmtime" then debug { message(event, ok?(event) ? GREEN : RED, called(event)) }
        when "compile.wasmtime" then compiled(event)
        when "trap.wasmtime" then warn { message(event, RED, trapped(event)) }
        end
      rescue StandardError => e
        logger&.error("Could not log #{event.name.inspect}: #{one_line("#{e.class}: #{e.message}")}")
      end

      private

      def message(event, colour, text)
        "  #{color("Wasmtime #{subject(event.payload)}", colour)}  #{text}"
      end

      def subject(payload)
        one_line([payload[:plugin], payload[:function]].compact.join("."))
      end

      def ok?(event)
        event.payload.fetch(:outcome, :ok) == :ok
      end

      def called(event)
        "#{event.payload.fetch(:outcome, :ok)} (#{[milliseconds(event), *used(event.payload[:usage])].join(' | ')})"
      end

      def compiled(event)
        problem = event.payload[:error]
        return info { message(event, CYAN, "compiled (#{milliseconds(event)})") } unless problem

        error { message(event, RED, "cannot be loaded: #{one_line(problem.message)}") }
      end

      # The line says already whose message it is.
      def trapped(event)
        plugin, function, outcome, problem = event.payload.values_at(:plugin, :function, :outcome, :error)
        [outcome, problem && one_line(problem.message.delete_prefix("plugin #{plugin}: #{function}: "))].compact.join(": ")
      end

      # A trap is told of when it is over: what it took is in its payload.
      def milliseconds(event)
        seconds = event.payload[:duration] || (event.duration / 1000)
        format("%.1fms", seconds * 1000)
      end

      def used(usage)
        return [] unless usage

        [format("%.1f MiB", usage.peak_memory.to_f / (1 << 20)), ("#{usage.fuel} fuel" if usage.fuel),
         ("#{usage.host_calls} host calls" if usage.host_calls.to_i.positive?)].compact
      end

      # Names and messages may come from a guest; those of the compiler have several lines.
      def one_line(text)
        Plugin.const_get(:Untrusted).line(text.to_s.dup.force_encoding(Encoding::UTF_8).scrub("?").tr("\n", " "), LONGEST)
      end
    end
    private_constant :LogSubscriber
  end
end
