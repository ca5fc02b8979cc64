# frozen_string_literal: true

require "fileutils"
require "open3"
require "tmpdir"

# examples/rails_app as its users run it: with Bundler, from its own folder.
RSpec.describe "examples/rails_app", :rails do
  root = File.expand_path("..", __dir__)
  app = File.join(root, "examples/rails_app")

  # The bundle and the options of the Ruby that runs these specs are not the application's.
  def clean_environment
    ENV.keys.grep(/\A(?:BUNDLE|RUBY|RAILS|RACK|GEM_)/).to_h { |name| [name, nil] }
  end

  # Runs a command to its end, or kills it with all that it started.
  # @return [String] what it printed
  def run(folder, *command, timeout:, env: {})
    Open3.popen2e(clean_environment.merge(env), *command, chdir: folder, pgroup: true) do |input, output, process|
      input.close
      reader = Thread.new { output.read }
      hung = process.join(timeout).nil?
      Process.kill(:KILL, -process.pid) if hung
      return reader.value if !hung && process.value.success?

      raise "#{command.join(' ')}: #{hung ? "still running after #{timeout} s" : process.value}\n#{reader.value}"
    end
  end

  def have(*programs)
    programs.all? { |name| ENV.fetch("PATH").split(":").any? { |folder| File.executable?(File.join(folder, name)) } }
  end

  before(:all) { run(app, "rake", "plugins", timeout: 120) if RailsApplication.installed? && have("clang") }

  before { skip "clang or puma is missing: run bin/setup" unless have("clang", "puma") }

  it "passes its request specs" do
    expect(run(app, "bundle", "exec", "rspec", "--pattern", "spec/requests/**/*_spec.rb", timeout: 300)).to match(/^\d+ examples, 0 failures$/)
  end

  it "passes its cluster test: 200 requests at once, good plugins and bad ones, two workers" do
    expect(run(app, "bundle", "exec", "rspec", "spec/cluster_spec.rb", timeout: 300)).to match(/^1 example, 0 failures$/)
  end

  it "keeps what is built, fetched and logged out of git" do
    skip "this is no git checkout" unless File.exist?(File.join(root, ".git"))
    files = run(root, "git", "ls-files", "--others", "--cached", "--exclude-standard", "examples/rails_app", timeout: 20).lines(chomp: true)
    expect(files).to include("examples/rails_app/plugins/slug/slug.c")
    expect(files.grep(%r{\.wasm\z|/log/|/tmp/|Gemfile\.lock\z})).to eq([])
  end

  # An application without plugins: the example, without what it does with them.
  def bare_application(root)
    app = File.join(root, "examples/rails_app")
    kept = %w[Gemfile Rakefile config.ru .rspec bin config/application.rb config/boot.rb config/environment.rb config/environments
              spec/rails_helper.rb]
    Dir.mktmpdir do |folder|
      kept.each do |path|
        FileUtils.mkdir_p(File.dirname(File.join(folder, path)))
        FileUtils.cp_r(File.join(app, path), File.join(folder, path))
      end
      FileUtils.mkdir_p(File.join(folder, "public"))
      gemfile = File.join(folder, "Gemfile")
      File.write(gemfile, File.read(gemfile).sub('path: "../.."', "path: #{root.dump}"))
      yield folder
    end
  end

  # Each block of code that begins with the path of a file is that file; each block of shell commands is run, in the order of the text.
  describe "docs/rails.md" do
    blocks = File.read(File.join(root, "docs/rails.md")).scan(/^```(\w+)\n(.*?)^```/m)

    it "has files and commands" do
      expect(blocks.map(&:first)).to include("ruby", "sh")
    end

    it "leads to an application whose specs pass" do
      bare_application(root) do |folder|
        printed = blocks.map do |language, code|
          next run(folder, "sh", "-e", "-c", code, timeout: 120) if language == "sh"

          path = code[/\A# (\S+)$/, 1] or raise "this block does not begin with the path of its file:\n#{code}"
          RailsApplication.write(folder, path => code)
          nil
        end
        expect(printed.compact.last).to match(/^\d+ examples, 0 failures$/)
      end
    end
  end

  # Its one block for Rails shows several files, each below its path.
  it "does what the README says of plugins in Rails" do
    block = File.read(File.join(root, "README.md")).scan(/^```ruby\n(.*?)^```/m).flatten.find { |code| code.include?("Wasmtime.plugins[:shout]") }
    expect(block).not_to be_nil, "README.md has no block for Rails"
    files = block.split(/^(?=# \S+\.rb$)/).to_h { |text| [text[/\A# (\S+\.rb)$/, 1], text] }
    bare_application(root) do |folder|
      run(folder, "bin/rails", "generate", "wasmtime:plugin", "shout", timeout: 60)
      RailsApplication.write(folder, files.merge("config/routes.rb" => <<~ROUTES, "spec/requests/shouts_spec.rb" => <<~SPEC))
        Rails.application.routes.draw { post "shout", to: "shouts#create" }
      ROUTES
        RSpec.describe "Shouting", type: :request do
          it "works" do
            post "/shout", params: "hello", headers: { "CONTENT_TYPE" => "text/plain" }
            expect(response.body).to eq("HELLO")
          end
        end
      SPEC
      expect(run(folder, "bundle", "exec", "rspec", timeout: 120)).to match(/^3 examples, 0 failures$/)
    end
  end
end
