# frozen_string_literal: true

module Wasmtime
  # How a program ended that {Wasmtime.run} ran. Frozen.
  #
  # @example
  #   case Wasmtime.run("resize.wasm", "photo.png", timeout: 5)
  #   in { status: 0, stdout: } then stdout
  #   in { error: Wasmtime::TimeoutError } then raise "too slow"
  #   in { status:, stderr: } then raise "exit #{status}: #{stderr}"
  #   end
  class RunResult
    # @return [Integer, nil] what it exited with, 0 when it just ended; nil when it was stopped, see {#error}
    attr_reader :status
    # @return [String, nil] what it wrote, in UTF-8 as far as that is valid; nil when `stdout:` took it elsewhere
    attr_reader :stdout
    # @return [String, nil] the same of standard error
    attr_reader :stderr
    # @return [Error, nil] why it was stopped: a {Trap}, {TimeoutError}, {OutOfFuelError}, {MemoryLimitError}, {WasmException}; the
    #   MemoryLimitError also when it exited with another status than 0 after it had been denied memory
    attr_reader :error
    # @return [Usage] what it took
    attr_reader :usage

    # @param status [Integer, nil]
    # @param stdout [String, nil]
    # @param stderr [String, nil]
    # @param truncated [Boolean]
    # @param error [Error, nil]
    # @param usage [Usage]
    # @return [void]
    # @api private
    def initialize(status:, stdout:, stderr:, truncated:, error:, usage:)
      @status = status
      @stdout = stdout
      @stderr = stderr
      @truncated = truncated
      @error = error
      @usage = usage
      freeze
    end

    # @return [Boolean] whether it ended by itself and its status is 0
    def success?
      status == 0 && error.nil?
    end

    # @return [Boolean] whether it wrote more than `output:` allows, so that some of it is missing
    def truncated?
      @truncated
    end

    # @return [Hash{Symbol => Object}] status, success, stdout, stderr, truncated, error and usage
    def to_h
      { status: status, success: success?, stdout: stdout, stderr: stderr, truncated: truncated?, error: error, usage: usage }
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}] as {#to_h}
    def deconstruct_keys(_keys)
      to_h
    end

    # @return [String] what it is, to be read by people
    def inspect
      lengths = { stdout: stdout, stderr: stderr }.compact.map { |name, text| "#{name}: #{text.bytesize} bytes" }
      "#<Wasmtime::RunResult #{[status.nil? ? error.class.name : "status: #{status}", *lengths, *('truncated' if truncated?)].join(', ')}>"
    end
  end
end
