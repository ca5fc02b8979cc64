# frozen_string_literal: true

require "rspec/core"
require_relative "testing/matchers"

module Wasmtime
  module Testing
    # What surrounds each example.
    # @api private
    module ExampleHook
      module_function

      # Instances are closed after the hooks of the example, and stores counted after that.
      def surround(example)
        watch = LeakWatch.start if example.metadata.fetch(:wasmtime_fail_on_leak) { Testing.fail_on_leak }
        session = Session.new
        begin
          yield session
        ensure
          begin
            session.close
          ensure
            leak = watch&.finish
          end
        end
        raise RSpec::Expectations::ExpectationNotMetError, *leak if leak && example.exception.nil?
      end
    end
    private_constant :ExampleHook

    RSpec.configure do |config|
      config.backtrace_exclusion_patterns << %r{/lib/wasmtime/(rspec\.rb|testing/)}
      config.include(Helpers)
      config.include(Matchers)
      config.around do |example|
        ExampleHook.surround(example) do |session|
          @_wasmtime_session = session
          example.run
        end
      end
    end
  end
end
