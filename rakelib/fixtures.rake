# frozen_string_literal: true

require "digest"

# Real programs for specs, the demo and benchmarks: fetched, never committed.
PRISM = {
  package: "@ruby/prism@1.9.0",
  archive: "ruby-prism-1.9.0.tgz",
  archive_sha256: "51ad555accd661bb56e40e23ffc59c5fb069af8a1f9ef6425b35f414a93736f4",
  member: "package/src/prism.wasm",
  file: "fixtures/prism.wasm",
  sha256: "4e522c461d5086e43e86e0d3a8914f3c3bcb604d621a53a15e6c9d90c6ffd128"
}.freeze

def fixture?(path, sha256)
  File.file?(path) && Digest::SHA256.file(path).hexdigest == sha256
end

def verify_fixture(path, sha256)
  return if fixture?(path, sha256)

  rm_f path, verbose: false
  abort "fixtures: #{path} is not the file whose sha256 the project pins, so it was deleted; run the task again."
end

desc "Fetch the wasm programs that specs and examples run (npm, pinned by sha256)"
task :fixtures do
  next if fixture?(PRISM[:file], PRISM[:sha256])

  mkdir_p "fixtures", verbose: false
  archive = File.join("fixtures", PRISM[:archive])
  unless fixture?(archive, PRISM[:archive_sha256])
    done = system("npm", "pack", "--silent", PRISM[:package], "--pack-destination", "fixtures", out: File::NULL, err: File::NULL)
    abort "fixtures: npm is needed to fetch #{PRISM[:package]} (bin/setup installs it)." if done.nil?
    abort "fixtures: npm could not fetch #{PRISM[:package]}; check that its registry can be reached." unless done
    verify_fixture(archive, PRISM[:archive_sha256])
  end
  sh "tar", "-xzf", archive, "-C", "fixtures", "--strip-components=2", PRISM[:member], verbose: false
  verify_fixture(PRISM[:file], PRISM[:sha256])
end
