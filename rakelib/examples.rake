# frozen_string_literal: true

desc "Run examples/*.rb and compare what they print with examples/expected/"
task examples: %i[compile fixtures] do
  sh FileUtils::RUBY, "-S", "rspec", "spec/examples_spec.rb"
end

desc "Print the performance table (ONLY=pattern for some rows)"
task bench: %i[compile fixtures] do
  abort "There is no bench/run.rb yet to run." unless File.file?("bench/run.rb")
  sh FileUtils::RUBY, "-Ilib", "bench/run.rb"
end

desc "Write the API documentation to doc/"
task(:doc) { sh "yard", "doc", "--quiet" }
