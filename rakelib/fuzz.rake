# frozen_string_literal: true

# A seed in a process of its own: what it finds may end the process.
fuzz = lambda do |program, seed, *arguments|
  sh FileUtils::RUBY, "-W0", "-Ilib", program, seed.to_s, *arguments, verbose: false do |passed, status|
    abort "#{program} failed with #{status}; again: ruby -W0 -Ilib #{program} #{[seed, *arguments].join(' ')}" unless passed
  end
end
seeds = -> { (1..Integer(ENV.fetch("SEEDS", "20"))).map { |number| number + Integer(ENV.fetch("SEED", "0")) } }

desc "Random sequences of API calls (SEEDS=20 how many, STEPS=10000 of each, SEED=0 the first but one)"
task fuzz: :compile do
  seeds.call.each { |seed| fuzz.call("fuzz/api.rb", seed, ENV.fetch("STEPS", "10000")) }
end

namespace :fuzz do
  desc "Mutated modules and components, compiled and called under limits (SEEDS=20, COUNT=500 of each, SEED=0)"
  task wasm: %i[compile fixtures guests] do
    files = FileList["fixtures/guests/*.wasm", "fixtures/{prism,micropython,numcodecs_*}.wasm"].select { |path| File.size(path) < 1 << 20 }
    modules, components = files.partition { |path| File.binread(path, 8).getbyte(6).zero? }
    count = ENV.fetch("COUNT", "500")
    seeds.call.each do |seed|
      fuzz.call("fuzz/wasm.rb", seed, count, *modules)
      fuzz.call("fuzz/component_wasm.rb", seed, count, *components)
    end
  end

  desc "Values of random WIT types through guests and back (SEEDS=20, COUNT=100 types of each, SEED=0)"
  task components: :compile do
    seeds.call.each { |seed| fuzz.call("fuzz/component_values.rb", seed, ENV.fetch("COUNT", "100")) }
  end
end

desc "Every leak scenario again and again, each in a process of its own (MINUTES=0: once each)"
task soak: %i[compile guests] do
  sh FileUtils::RUBY, "-W0", "-Ilib", "fuzz/soak.rb", ENV.fetch("MINUTES", "0"), verbose: false
end
