# frozen_string_literal: true

$LOAD_PATH.unshift File.expand_path("../lib", __dir__)
require "wasmtime"

Dir[File.join(__dir__, "support/**/*.rb")].each { |file| require file }

RSpec.configure do |config|
  config.order = :random
  config.disable_monkey_patching!
  config.expect_with(:rspec) { |expectations| expectations.include_chain_clauses_in_custom_matcher_descriptions = true }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
  config.shared_context_metadata_behavior = :apply_to_host_groups
  config.example_status_persistence_file_path = ".rspec_status"
  Kernel.srand config.seed
end

# `rake spec:gc`: what Ruby's GC does around and during each example. `compact` moves objects before and after calls of native methods.
# GC.auto_compact would do it more often, but on Ruby 3.1 it moves the interpreter's own negative method entries, of which it keeps the old
# address ("[BUG] try to mark T_NONE object" once in some twenty runs, in code that has nothing to do with ours).
# Ruby calls some methods while it raises, and nothing may be raised meanwhile, not even to be rescued: of a class nothing is called.
calls = 0
name = Module.instance_method(:to_s)
ours = Hash.new { |known, mod| known[mod] = name.bind_call(mod).include?("Wasmtime") }.compare_by_identity
compacting = TracePoint.new(:c_call, :c_return) do |point|
  GC.compact if ours[point.defined_class] && ((calls += 1) % 200).zero?
end
gc_levels = {
  "stress" => ->(example) { (GC.stress = true) && example.run },
  "compact" => ->(example) { compacting.enable { example.run } && GC.compact },
  "verify" => lambda do |example|
    GC.verify_compaction_references(double_heap: true, toward: :empty)
    example.run
    GC.verify_internal_consistency
  end
}
level = ENV.fetch("WASMTIME_RB_GC", nil)
if level
  RSpec.configure do |config|
    config.filter_run_excluding(:slow)
    config.around do |example|
      gc_levels.fetch(level).call(example)
    ensure
      GC.stress = false
    end
  end
end
