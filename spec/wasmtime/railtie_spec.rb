# frozen_string_literal: true

RSpec.describe "Wasmtime::Railtie", :rails do
  broken = { "plugins/answer.wat" => RailsApplication::ANSWER, "plugins/bad.wat" => "(module (func (export \"f\") (result i32)))" }
  answer = "puts Wasmtime.plugins[:answer].call(:answer)\n"

  # A plugin of each kind that answers a number.
  kinds = {
    "module" => ->(n) { "(module (func (export \"answer\") (result i32) i32.const #{n}))" },
    "component" => lambda do |n|
      <<~WAT
        (component
          (core module $m (func (export "answer") (result i32) i32.const #{n}))
          (core instance $i (instantiate $m))
          (func (export "answer") (result s32) (canon lift (core func $i "answer"))))
      WAT
    end
  }

  def rails(code, **options)
    RailsApplication.run(self, code, **options)
  end

  # What is printed, without what is logged.
  def printed(code, **options)
    rails(code, **options).lines(chomp: true).grep_v(/\A(DEBUG|INFO|WARN|ERROR) /)
  end

  describe "where code is loaded at once (production)" do
    kinds.each do |kind, plugin|
      it "compiles a #{kind} while the application boots; forked workers have it ready and compile nothing" do
        lines = rails(<<~RUBY, files: { "plugins/answer.wat" => plugin[42] }).lines(chomp: true)
          Rails.application.initialize!
          puts :booted
          #{answer}
          workers = Array.new(2) { fork { #{answer} } }
          workers.each { |pid| puts Process.wait2(pid).last.success? }
        RUBY
        before, after = lines.slice_before("booted").to_a
        expect(before).to contain_exactly(match(/\AINFO   Wasmtime answer  compiled/))
        expect(after.drop(1).grep_v(/\ADEBUG/).sort).to eq(%w[42 42 42 true true])
      end
    end

    it "does not boot with a broken plugin: the message names the file and what is wrong" do
      expect(printed(<<~RUBY, files: broken).join("\n")).to match(%r{\AWasmtime::Plugin::Error\n/.*/plugins/bad\.wat: plugin bad: .*type mismatch})
        begin
          Rails.application.initialize!
          puts "booted"
        rescue => e
          puts e.class, e.message
        end
      RUBY
    end

    it "does not look at the files again" do
      expect(printed(<<~RUBY)).to eq(%w[42 42])
        Rails.application.initialize!
        #{answer}
        File.write("plugins/answer.wat", "(module (func (export \\"answer\\") (result i32) i32.const 43))")
        Rails.application.reloader.wrap { #{answer} }
      RUBY
    end
  end

  describe "where code is reloaded (development)" do
    # Other code under the same name, in a file that is a second younger.
    change = <<~'RUBY'
      def change(name, code)
        path = "plugins/#{name}.wat"
        File.write(path, code)
        @now = (@now || Time.now - 1000) + 1
        File.utime(@now, @now, path)
      end

      def ask
        Rails.application.reloader.wrap { puts Wasmtime.plugins[:answer].call(:answer) }
      end

      change("answer", File.read("plugins/answer.wat"))
      Rails.application.initialize!
    RUBY

    it "compiles a plugin when it is first used" do
      lines = rails("Rails.application.initialize!\nputs :booted\n#{answer}", environment: "development").lines(chomp: true)
      expect(lines.index { |line| line.match?(/Wasmtime answer  compiled/) }).to be > lines.index("booted")
    end

    it "boots with a broken plugin, which is logged, and runs the others" do
      lines = rails(<<~RUBY, environment: "development", files: broken).lines(chomp: true)
        Rails.application.initialize!
        #{answer}
        begin
          Wasmtime.plugins[:bad]
        rescue Wasmtime::Error => e
          puts e.message.lines.first
        end
      RUBY
      expect(lines).to include("42")
      expect(lines.grep(/\AERROR .*bad.*type mismatch/)).not_to be_empty
    end

    it "compiles it once for threads that are the first to use it" do
      lines = rails(<<~RUBY, environment: "development").lines(chomp: true)
        Rails.application.initialize!
        threads = Array.new(8) { Thread.new { Rails.application.executor.wrap { Wasmtime.plugins[:answer].call(:answer) } } }
        puts threads.map(&:value).uniq
      RUBY
      expect(lines.grep(/compiled/).size).to eq(1)
      expect(lines).to include("42")
    end

    kinds.each do |kind, plugin|
      it "reloads a #{kind} whose file has changed" do
        code = "#{change}ask\nchange('answer', #{plugin[43].dump})\nask\nask"
        expect(printed(code, environment: "development", files: { "plugins/answer.wat" => plugin[42] })).to eq(%w[42 43 43])
      end
    end

    it "finds new plugins, and a folder that was not there at first" do
      expect(printed(<<~RUBY, environment: "development", files: {})).to eq(%w[none 42])
        Rails.application.initialize!
        begin
          Wasmtime.plugins
        rescue Wasmtime::Error
          puts "none"
        end
        Dir.mkdir("plugins")
        File.write("plugins/answer.wat", #{RailsApplication::ANSWER.dump})
        Rails.application.reloader.wrap { #{answer} }
      RUBY
    end

    it "keeps what was there when the new file is broken, and logs why; the next good one is taken" do
      code = "#{change}ask\nchange('answer', '(module')\nask\nchange('answer', #{kinds['module'][44].dump})\nask"
      lines = rails(code, environment: "development").lines(chomp: true)
      expect(lines.grep(/\A\d+\z/)).to eq(%w[42 42 44])
      expect(lines.grep(/\AERROR .*answer/)).not_to be_empty
    end

    it "looks through the application's own file watcher" do
      code = "Application.config.file_watcher = ActiveSupport::EventedFileUpdateChecker\n#{change}ask"
      expect(printed(code, environment: "development")).to eq(%w[42])
    end
  end

  describe "config.wasmtime" do
    env = <<~WAT
      (module
        (import "host" "double" (func $double (param i32) (result i32)))
        (func (export "answer") (result i32) (call $double (i32.const 21))))
    WAT
    spin = "(module (func (export \"answer\") (loop $again (br $again))))"

    it "says where the plugins are, what they import, and which engine runs them" do
      expect(printed(<<~RUBY, files: { "lib/wasm/answer.wat" => env })).to eq(%w[42])
        Rails.application.configure do
          config.wasmtime.plugins_path = "lib/wasm"
          config.wasmtime.imports = { "host" => { "double" => ->(n) { n * 2 } } }
          config.wasmtime.engine = Wasmtime::Engine.new
        end
        Rails.application.initialize!
        #{answer}
      RUBY
    end

    it "is read after the application's own initializers" do
      files = { "lib/wasm/answer.wat" => RailsApplication::ANSWER,
                "config/initializers/wasmtime.rb" => "Rails.application.config.wasmtime.plugins_path = Rails.root.join('lib/wasm')" }
      expect(printed("Rails.application.initialize!\n#{answer}", files: files)).to eq(%w[42])
    end

    it "limits what plugins take" do
      expect(printed(<<~RUBY, files: { "plugins/answer.wat" => spin })).to eq(["Wasmtime::TimeoutError"])
        Rails.application.config.wasmtime.limits = { timeout: 0.05 }
        Rails.application.initialize!
        begin
          #{answer}
        rescue Wasmtime::Plugin::GuestError => e
          puts e.cause.class
        end
      RUBY
    end

    it "says where compiled code is kept: in the application's tmp/ unless it is told otherwise" do
      code = "Rails.application.initialize!\nputs Dir['**/*.cwasm'].map { |path| File.dirname(path) }"
      expect(printed(code)).to eq(["tmp/cache/wasmtime"])
      expect(printed("Rails.application.config.wasmtime.cache_dir = 'compiled'\n#{code}")).to eq(["compiled"])
      expect(printed("Rails.application.config.wasmtime.cache_dir = false\n#{code}")).to eq([])
    end

    it "says where plugins and their traps are logged" do
      files = { "plugins/answer.wat" => "(module (func (export \"answer\") unreachable))" }
      expect(printed(<<~RUBY, files: files)).to include(/answer\.answer.*trap/)
        require "stringio"
        own = StringIO.new
        Rails.application.config.wasmtime.logger = Logger.new(own)
        Rails.application.initialize!
        begin
          #{answer}
        rescue Wasmtime::Plugin::GuestError
          puts own.string.lines.grep(/WARN/)
        end
      RUBY
    end

    it "refuses settings that it does not have" do
      expect(printed(<<~RUBY)).to include(/NoMethodError.*grants=/)
        begin
          Rails.application.config.wasmtime.grants = {}
        rescue NameError => e
          puts "\#{e.class}: \#{e.message}"
        end
      RUBY
    end

    it "refuses a folder that was named and is not there" do
      expect(printed(<<~RUBY).join).to match(%r{config\.wasmtime\.plugins_path: there is no folder /.*/lib/nowhere})
        Rails.application.config.wasmtime.plugins_path = "lib/nowhere"
        begin
          Rails.application.initialize!
        rescue Wasmtime::Error => e
          puts e.message
        end
      RUBY
    end
  end

  it "boots without plugins, and then says how to get one" do
    expect(printed(<<~RUBY, files: {}).join).to match(/no plugins yet.*rails generate wasmtime:plugin/)
      Rails.application.initialize!
      begin
        Wasmtime.plugins
      rescue Wasmtime::Error => e
        puts e.message
      end
    RUBY
  end

  it "has a task that compiles all plugins" do
    files = { "plugins/answer.wat" => RailsApplication::ANSWER, "config/environment.rb" => "Rails.application.initialize!" }
    expect(rails(<<~RUBY, environment: "development", files: files)).to match(/INFO   Wasmtime answer  compiled/)
      require "rake"
      Rails.application.load_tasks
      Rake::Task["wasmtime:plugins"].invoke
    RUBY
  end
end
