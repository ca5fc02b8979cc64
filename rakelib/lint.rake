# frozen_string_literal: true

namespace :lint do
  desc "Check the formatting of the Rust code"
  task(:fmt) { sh "cargo", "fmt", "--check" }

  # --release shares build scripts and their output with the build.
  desc "Run clippy, warnings denied"
  task(:clippy) { sh "cargo", "clippy", "--release", "--locked", "--all-targets", "--quiet", "--", "-D", "warnings" }

  desc "Run rubocop"
  task(:rubocop) { sh "rubocop", "--format", "simple" }
end

desc "Check the style of the Rust and Ruby code"
task lint: %w[lint:fmt lint:clippy lint:rubocop]
