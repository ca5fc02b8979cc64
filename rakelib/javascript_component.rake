# frozen_string_literal: true

require "json"

COMPONENTIZE_JS = "0.23.0"
# git ignores it, and nothing else needs it: delete it when the component is built.
COMPONENTIZE_JS_FOLDER = "tmp/componentize-js"
# What the JavaScript engine would import of WASI. Without all of it the component imports what its world says and nothing else, and an
# exception that nothing catches traps without a word on stderr.
COMPONENTIZE_JS_FEATURES = %w[stdio random clocks http fetch-event].freeze

def install_componentize_js
  %w[node npm].each do |tool|
    abort "fixtures:javascript_component: it needs #{tool} (Debian: nodejs npm)." unless system(tool, "--version", out: File::NULL)
  end
  package = "#{COMPONENTIZE_JS_FOLDER}/node_modules/@bytecodealliance/componentize-js"
  description = "#{package}/package.json"
  unless File.file?(description) && JSON.parse(File.read(description))["version"] == COMPONENTIZE_JS
    mkdir_p COMPONENTIZE_JS_FOLDER, verbose: false
    puts "npm installs componentize-js #{COMPONENTIZE_JS} in #{COMPONENTIZE_JS_FOLDER}"
    # A prefix keeps npm from looking for a package.json in the folders above; nothing of what it installs needs to run to get installed.
    sh "npm", "install", "--prefix", COMPONENTIZE_JS_FOLDER, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error",
       "@bytecodealliance/componentize-js@#{COMPONENTIZE_JS}", verbose: false
  end
  "#{package}/src/cli.js"
end

sources = %w[component.js world.wit].map { |source| "examples/javascript_component/#{source}" }

file "fixtures/javascript_component.wasm" => [*sources, __FILE__] do |task|
  tool = install_componentize_js
  mkdir_p "fixtures", verbose: false
  code, world = sources
  # A build that was interrupted leaves no component.
  unfinished = "#{task.name}.new"
  sh "node", tool, code, "--wit", world, "--out", unfinished, "--disable", *COMPONENTIZE_JS_FEATURES, verbose: false
  mv unfinished, task.name, verbose: false
  puts "#{task.name}: #{File.size(task.name)} bytes"
end

namespace :fixtures do
  desc "Build a component of JavaScript (npm installs 385 MB in #{COMPONENTIZE_JS_FOLDER}; 30 s); not part of `rake fixtures`"
  task javascript_component: "fixtures/javascript_component.wasm"
end
