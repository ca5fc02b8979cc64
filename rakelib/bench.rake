# frozen_string_literal: true

desc "Print the performance table (ONLY=text for the rows that contain it)"
task bench: %i[compile bench:floor] do
  sh FileUtils::RUBY, "-Ilib", "bench/run.rb", verbose: false
end

namespace :bench do
  desc "Build the C loops that benchmarks compare with"
  task :floor do
    sh "cargo", "build", "--release", "--locked", "--quiet", "--example", "floor", verbose: false
  end
end
