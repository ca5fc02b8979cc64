# frozen_string_literal: true

require "rails/generators"
require "rails/generators/named_base"

module Wasmtime
  # What `rails generate` finds.
  module Generators
    # `rails generate wasmtime:plugin NAME`: a plugin that works at once, and a spec of it.
    class PluginGenerator < ::Rails::Generators::NamedBase
      source_root File.expand_path("templates", __dir__)

      # A name is a file's, a function's in C and an export's in one.
      NAME = /\A[a-z][a-z0-9_]*\z/
      # What an exported function in C cannot be called.
      TAKEN = %w[
        allocate free malloc main memory auto break case char const continue default do double else enum extern float for goto if inline int long
        register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
      ].freeze
      private_constant :NAME, :TAKEN

      # @return [true] so that a refused name fails a script
      def self.exit_on_failure?
        true
      end

      # Refuses a name that the files could not have.
      # @return [void]
      # @raise [Thor::Error] for such a name
      def check_name
        return if file_name.match?(NAME) && class_path.empty? && !TAKEN.include?(file_name)

        raise Thor::Error, "#{name.inspect} cannot be the name of a plugin: it is the name of its folder, of its files and of the function it " \
                           "exports, so take letters, digits and underscores, beginning with a letter, and no word of C. For example: " \
                           "rails generate wasmtime:plugin word_count"
      end

      # Makes the folder.
      # @return [void]
      def create_plugin
        template "plugin.yml.tt", File.join(folder, "plugin.yml")
        template "plugin.wat.tt", File.join(folder, "#{file_name}.wat")
        template "plugin.c.tt", File.join(folder, "#{file_name}.c")
      end

      # Makes the spec.
      # @return [void]
      def create_spec
        template "plugin_spec.rb.tt", File.join("spec/plugins", "#{file_name}_spec.rb")
      end

      private

      # Where the application has its plugins, as seen from its root; a folder outside of it stays as it is.
      def folder
        root = ::Rails.application&.config&.wasmtime&._folder(destination_root) || File.join(destination_root, "plugins")
        File.join(root, file_name).delete_prefix("#{destination_root}/")
      end
    end
  end
end
