# frozen_string_literal: true

require "etc"

desc "Run the official WebAssembly test suite (ENGINE=winch or pulley for another compiler, JOBS=files at a time)"
task conformance: :compile do
  require_relative "../conformance/check"

  begin
    jobs = Integer(ENV.fetch("JOBS", Etc.nprocessors))
    passed = Conformance::Check.new.run(jobs, compiler: ENV.fetch("ENGINE", "cranelift"), timeout: 300)
  rescue Conformance::Suite::Missing => e
    abort "conformance: #{e.message}"
  end
  abort "conformance: not everything is as it should be, see above." unless passed
end
