# frozen_string_literal: true

desc "Run examples/*.rb and compare what they print with examples/expected/"
task examples: %i[compile fixtures] do
  sh FileUtils::RUBY, "-S", "rspec", "spec/examples_spec.rb"
end

desc "Write the API documentation to doc/"
task(:doc) { sh "yard", "doc", "--quiet" }
