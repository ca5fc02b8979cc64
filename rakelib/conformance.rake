# frozen_string_literal: true

require "etc"

# What follows the description of each suite.
how = "(ENGINE=winch or pulley for another compiler, JOBS=files at a time)"
# Runs suites one after the other, and ends rake when in one of them not everything is as it should be.
check = lambda do |*suites|
  require_relative "../conformance/check"
  require_relative "../conformance/component_suite"

  components = { suite: Conformance::ComponentSuite.new, unsupported: Conformance::Unsupported.new({}) }
  passed = suites.map do |suite|
    jobs = Integer(ENV.fetch("JOBS", Etc.nprocessors))
    Conformance::Check.new(**(suite == :components ? components : {})).run(jobs, compiler: ENV.fetch("ENGINE", "cranelift"), timeout: 300)
  end
  abort "conformance: not everything is as it should be, see above." unless passed.all?
rescue Conformance::Suite::Missing => e
  abort "conformance: #{e.message}"
end

desc "Run our scripts about components and the official WebAssembly test suite #{how}"
task(conformance: :compile) { check.call(:components, :official) }

namespace :conformance do
  desc "Run our scripts about components #{how}"
  task(components: :compile) { check.call(:components) }

  desc "Run the official WebAssembly test suite #{how}"
  task(official: :compile) { check.call(:official) }
end
