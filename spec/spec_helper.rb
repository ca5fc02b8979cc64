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

# `rake spec:gc`: what Ruby's GC does around and during each example.
gc_levels = {
  "stress" => ->(example) { (GC.stress = true) && example.run },
  "compact" => ->(example) { (GC.auto_compact = true) && example.run && GC.compact },
  "verify" => lambda do |example|
    GC.verify_compaction_references(double_heap: true, toward: :empty)
    example.run
    GC.verify_internal_consistency
  end
}
level = ENV.fetch("WASMTIME_RB_GC", nil)
if level
  RSpec.configure do |config|
    config.around do |example|
      gc_levels.fetch(level).call(example)
    ensure
      GC.stress = GC.auto_compact = false
    end
  end
end
