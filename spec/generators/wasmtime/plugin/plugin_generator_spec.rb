# frozen_string_literal: true

RSpec.describe "rails generate wasmtime:plugin", :rails do
  def generated(*arguments, code: "", before: "", files: {}, environment: "development")
    RailsApplication.run(self, <<~RUBY, files: files, environment: environment)
      require "rails/generators"
      #{before}
      Rails.application.initialize!
      Rails.application.load_generators
      Rails::Generators.invoke("wasmtime:plugin", #{arguments.inspect}, behavior: :invoke, destination_root: Rails.root.to_s)
      #{code}
    RUBY
  end

  # What is printed, and what is told as an error.
  def refused(name)
    out = generated(name, "--quiet", code: "", files: {}, before: <<~RUBY)
      require "stringio"
      $stderr = StringIO.new
      at_exit do
        puts Dir["plugins/**/*", "spec/**/*"], "ended with \#{$!.status}", $stderr.string
        exit!(0)
      end
    RUBY
    out.split(/(?<=ended with \d\n)/, 2)
  end

  list = "puts Dir['{plugins,spec,lib}/**/*'].select { |path| File.file?(path) }.sort"

  it "makes a manifest, code in WAT and C, and a spec" do
    expect(generated("word_count", "--quiet", code: list).lines(chomp: true)).to eq(
      %w[plugins/word_count/plugin.yml plugins/word_count/word_count.c plugins/word_count/word_count.wat spec/plugins/word_count_spec.rb]
    )
  end

  it "makes a plugin that works at once" do
    out = generated("shout", "--quiet", code: <<~RUBY, files: { "plugins" => nil })
      Rails.application.reloader.wrap do
        shout = Wasmtime.plugins[:shout]
        puts shout.call_bytes(:shout, "Hello, {world}"), shout.call_bytes(:shout, "").inspect, shout.call_bytes(:shout, "ab" * 500_000) == "AB" * 500_000
      end
    RUBY
    expect(out.lines(chomp: true)).to include("HELLO, {WORLD}", '""', "true")
  end

  it "makes the same in C, which compiles as its first lines say" do
    skip "clang or wasi-libc is missing: run bin/setup" unless system("clang", "--version", out: File::NULL, err: File::NULL) &&
                                                               File.file?("/usr/include/wasm32-wasi/stdio.h")
    out = generated("shout", "--quiet", code: <<~'RUBY', files: { "plugins" => nil })
      Dir.chdir("plugins/shout") do
        command = File.read("shout.c")[%r{^//   (clang.*?)\n//\n}m, 1].gsub("\n//", "").gsub("\\", "")
        abort "clang failed" unless system("#{command} -Werror")
        File.write("plugin.yml", File.read("plugin.yml").sub("wasm: shout.wat", "wasm: shout.wasm"))
      end
      Rails.application.reloader.wrap do
        shout = Wasmtime.plugins[:shout]
        puts shout.call_bytes(:shout, "Hello, {world}"), shout.call_bytes(:shout, "").inspect, shout.call_bytes(:shout, "ab" * 500_000) == "AB" * 500_000
      end
    RUBY
    expect(out.lines(chomp: true)).to include("HELLO, {WORLD}", '""', "true")
  end

  it "puts it where the application has its plugins" do
    files = { "lib/wasm" => nil, "config/initializers/wasmtime.rb" => "Rails.application.config.wasmtime.plugins_path = 'lib/wasm'" }
    out = generated("shout", "--quiet", code: list, files: files)
    expect(out.lines(chomp: true)).to include("lib/wasm/shout/plugin.yml", "lib/wasm/shout/shout.wat")
  end

  it "names file and function in snake case" do
    expect(generated("WordCount", "--quiet", code: list)).to include("plugins/word_count/word_count.wat")
    expect(generated("word-count", "--quiet", code: list)).to include("plugins/word_count/word_count.wat")
  end

  ["2fast", "a.b", "admin/tool", "while", "free"].each do |name|
    it "refuses the name #{name}, fails and makes nothing" do
      out, error = refused(name)
      expect(error).to include("#{name.inspect} cannot be the name of a plugin").and include("rails generate wasmtime:plugin word_count")
      expect(out).to eq("ended with 1\n")
    end
  end
end
