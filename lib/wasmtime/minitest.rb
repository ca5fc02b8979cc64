# frozen_string_literal: true

require "minitest"
require_relative "testing/assertions"

module Wasmtime
  module Testing
    # What surrounds each test.
    # @api private
    module TestHook
      def before_setup
        @_wasmtime_watch = LeakWatch.start if Testing.fail_on_leak
        @_wasmtime_session = Session.new
        super
      end

      # Instances are closed after `teardown`, and stores counted after that.
      def after_teardown
        super
      ensure
        begin
          @_wasmtime_session&.close
        ensure
          leak = @_wasmtime_watch&.finish
        end
        raise Minitest::Assertion, *leak if leak && failures.empty?
      end
    end
    private_constant :TestHook

    Minitest::Test.public_send(:include, Helpers, Assertions, TestHook) # as YARD cannot read `include` of a class it does not know
  end
end
