# frozen_string_literal: true

desc "Check that the signatures in sig/ are well formed"
task :types do
  rbs = %w[rbs rbs3.1].find { |name| system(name, "--version", out: File::NULL, err: File::NULL) }
  abort "rbs is needed (Debian package ruby3.1)." unless rbs
  sh rbs, "-I", "sig", "validate", "--silent"
end
