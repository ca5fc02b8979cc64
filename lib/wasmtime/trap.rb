# frozen_string_literal: true

module Wasmtime
  # The guest did something WebAssembly forbids, or was stopped.
  #
  # @example
  #   begin
  #     instance.invoke("div", 1, 0)
  #   rescue Wasmtime::Trap => e
  #     e.code            # => :integer_division_by_zero
  #     e.frames.first    # => #<struct Wasmtime::Trap::Frame func_index=0, ...>
  #   end
  class Trap < Error
    # Every code of Wasmtime, in the order of its numbers.
    CODES = %i[
      stack_overflow memory_out_of_bounds heap_misaligned table_out_of_bounds indirect_call_to_null bad_signature
      integer_overflow integer_division_by_zero bad_conversion_to_integer unreachable_code_reached interrupt out_of_fuel
      atomic_wait_non_shared_memory null_reference array_out_of_bounds allocation_too_large cast_failure
      cannot_enter_component no_async_result unhandled_tag continuation_already_consumed disabled_opcode async_deadlock
      cannot_leave_component cannot_block_sync_task invalid_char debug_assert_string_encoding_finished
      debug_assert_equal_code_units debug_assert_pointer_aligned debug_assert_upper_bits_unset string_out_of_bounds
      list_out_of_bounds invalid_discriminant unaligned_pointer task_cancel_not_cancelled task_cancel_or_return_twice
      subtask_cancel_after_terminal task_return_invalid waitable_set_drop_has_waiters subtask_drop_not_resolved
      thread_new_indirect_invalid_type thread_new_indirect_uninitialized backpressure_overflow unsupported_callback_code
      cannot_resume_thread concurrent_future_stream_op reference_count_overflow stream_op_too_big waitable_sync_and_async
      uncaught_exception
    ].freeze

    CODES.each { |code| const_set(code.to_s.upcase, code) }
    # A trap this version has no code for.
    UNKNOWN = :unknown

    # One wasm frame of a backtrace. Offsets are in bytes, nil when the engine keeps no address map.
    #
    # @!attribute [r] func_index
    #   @return [Integer] the function's index in its module
    # @!attribute [r] func_name
    #   @return [String, nil] the name from the name section
    # @!attribute [r] module_name
    #   @return [String, nil] the name from the name section
    # @!attribute [r] func_offset
    #   @return [Integer, nil] bytes from the start of the function
    # @!attribute [r] module_offset
    #   @return [Integer, nil] bytes from the start of the module
    Frame = Struct.new(:func_index, :func_name, :module_name, :func_offset, :module_offset) do
      # The frame as a line of a Ruby backtrace.
      # @return [String]
      def to_s
        place = module_offset ? format("0x%x", module_offset) : "unknown"
        "#{module_name || '<wasm>'}:#{place}:in `#{func_name || "<wasm function #{func_index}>"}'"
      end
    end

    # @return [Symbol] one of {CODES}, or :unknown
    attr_reader :code
    # @return [Array<Frame>] the wasm frames, innermost first; frozen
    attr_reader :frames
    # @return [String, nil] the wasm backtrace as Wasmtime prints it
    attr_reader :wasm_backtrace_message

    # @param message [String, nil] what happened
    # @param code [Symbol] one of {CODES}, or :unknown
    # @param frames [Array<Frame>] the wasm frames, innermost first
    # @param wasm_backtrace_message [String, nil] the wasm backtrace as text
    # @return [void]
    def initialize(message = nil, code: UNKNOWN, frames: [], wasm_backtrace_message: nil)
      super(message)
      @code = code
      @frames = frames.dup.freeze
      @wasm_backtrace_message = wasm_backtrace_message
    end

    # @return [String] what it is, to be read by people
    def inspect
      format("#<%<class>s:0x%<id>016x @trap_code=%<code>p>", class: self.class, id: object_id, code: code)
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    # @example
    #   case error
    #   in { code: :out_of_fuel } then retry_later
    #   end
    def deconstruct_keys(_keys)
      { code: code, message: message, frames: frames }
    end

    class << self
      private

      # Native code builds traps with this: the wasm frames go before the Ruby ones.
      def _build(message, code, rows, trace)
        frames = rows.map { |row| Frame.new(*row).freeze }
        trap = new(message, code: CODES.fetch(code, UNKNOWN), frames: frames, wasm_backtrace_message: trace)
        trap.set_backtrace(frames.map(&:to_s) + caller(1))
        trap
      end
    end
  end
end
