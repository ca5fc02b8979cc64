# frozen_string_literal: true

namespace :capi do
  desc "Print the functions of the C API that the extension does not reach, and fail where docs/capi-coverage.yml disagrees"
  task :coverage do
    require_relative "capi_coverage"
    coverage = CapiCoverage.of_extension
    puts coverage.report
    abort ["", *coverage.complaints].join("\n") if coverage.complaints.any?
  rescue CapiCoverage::Missing => e
    abort "capi:coverage: #{e.message}"
  end
end
