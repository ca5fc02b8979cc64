# frozen_string_literal: true

module Wasmtime
  class Railtie
    # The folder of an application's plugins: opened when it boots, watched where its code is reloaded.
    # @api private
    class PluginFolder
      # What the files of plugins end in.
      EXTENSIONS = %w[wasm wat yml yaml].freeze

      def initialize(app)
        @app = app
        @settings = app.config.wasmtime
        @path = @settings._folder(app.root)
      end

      # @raise [Error] for a broken plugin, unless it can be mended while the application runs
      def open
        reloading? ? logging_errors { load } : load
        watch if reloading?
      end

      private

      def reloading?
        !@app.config.cache_classes
      end

      # Applications without plugins need no folder, but one that was named has to be there.
      def load
        unless File.directory?(@path)
          raise Error, "config.wasmtime.plugins_path: there is no folder #{@path}" if @settings.plugins_path

          return
        end
        @registry = Wasmtime.plugins = Plugin::Registry.new(@path, **@settings._options)
        load_all if @app.config.eager_load
      end

      # The registry says which plugins are broken; who is to mend them wants to know the files.
      def load_all
        @registry.load_all
      rescue Error => e
        broken = @registry.names.filter_map { |name| complaint(name) }
        raise Plugin::Error, broken.empty? ? e.message : broken.join("\n")
      end

      def complaint(name)
        @registry[name]
        nil
      rescue Error => e
        "#{Dir.glob(File.join(@path, "#{name}{.wasm,.wat,/#{Plugin::Manifest::FILE}}")).first}: #{e.message}"
      end

      # As Rails does it for its routes: the first request after a change finds it, and has Rails reload.
      def watch
        checker = @app.config.file_watcher.new([], { @path => EXTENSIONS }) { logging_errors { @registry ? @registry.reload : load } }
        @app.reloaders << checker
        @app.reloader.to_prepare { checker.execute_if_updated }
      end

      def logging_errors
        yield
      rescue Error => e
        @settings._logger&.error("Wasmtime: #{e.message}")
      end
    end
    private_constant :PluginFolder
  end
end
