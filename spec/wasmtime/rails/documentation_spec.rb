# frozen_string_literal: true

# What spec/documentation_spec.rb does for the rest of the gem, where there is Rails.
RSpec.describe "The documentation of what is there in Rails", :rails do
  root = File.expand_path("../../..", __dir__)
  ours = "{lib,sig}/{wasmtime/railtie,wasmtime/rails/**/*,generators/**/*}.{rb,rbs}"

  it "has every public method documented and signed" do
    out = RailsApplication.run(self, <<~RUBY, files: {})
      require "rails/generators"
      require #{File.join(root, 'lib/generators/wasmtime/plugin/plugin_generator').dump}
      require #{File.join(root, 'spec/support/documentation').dump}
      ours = Dir[#{File.join(root, ours).dump}]
      files, signatures = ours.partition { |path| path.end_with?(".rb") }
      [Wasmtime::Railtie, Wasmtime::Generators].each do |root|
        checker = Documentation.new(root, sources: files, signatures: signatures.map { |path| File.read(path) })
        puts checker.methods
        # What an attribute is says what it may be set to.
        puts checker.complaints.grep(/\#{root}/).grep_v(/=: no @param with a type for value$/)
      end
    RUBY
    methods = %w[Wasmtime::Railtie::Settings#grant Wasmtime::Railtie::Settings#grant= Wasmtime::Generators::PluginGenerator#create_plugin]
    expect(out.lines(chomp: true)).to include(*methods)
    expect(out.lines(chomp: true).grep(/: /)).to eq([])
  end
end
