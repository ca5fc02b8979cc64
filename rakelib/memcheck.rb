# frozen_string_literal: true

# What valgrind's memcheck says about a Ruby program, as far as it is about this gem: every invalid access, and memory that our extension
# allocated and lost for good. Ruby loses some of its own when it ends, and its collector reads words that nothing wrote, by design.
class Memcheck
  # Wasm needs room on the stack, signals of its own, and code that changes.
  OPTIONS = %w[--undef-value-errors=no --leak-check=full --show-leak-kinds=definite --num-callers=20 --max-stackframe=16777216
               --main-stacksize=16777216 --vex-guest-max-insns=25 --smc-check=all-non-file --trace-children=no].freeze
  OURS = "wasmtime_rb.so"
  LOST = "definitely lost in loss record"
  INVALID = /^(?:Invalid (?:read|write|free)|Mismatched free|Jump to the invalid address|Process terminating|Source and destination overlap)/

  # @param log [String] what valgrind wrote
  def initialize(log)
    @blocks = log.gsub(/^==\d+== ?/, "").split("\n\n")
  end

  # @return [Array<String>] what is wrong, a block of valgrind's each
  def complaints
    @blocks.select { |block| (block.match?(INVALID) && !null_check?(block)) || (block.include?(LOST) && ours?(block)) }
  end

  # @return [Boolean] whether valgrind came to its end
  def complete?
    @blocks.any? { |block| block.include?("ERROR SUMMARY") }
  end

  private

  # A guest that uses a null reference: the code that Wasmtime generates reads at address 0, and the signal becomes a trap.
  def null_check?(block)
    top = block.lines.grep(/^\s+at 0x/).first.to_s
    block.match?(/^Invalid read/) && top.match?(/: \?\?\?\s*\z/) && block.match?(/^\s*Address 0x0 is not/)
  end

  # The frame below the allocator's is whose memory it was.
  def ours?(block)
    frames = block.lines.grep(/^\s+(?:at|by) 0x/)
    frames.fetch(1, "").include?(OURS)
  end
end
