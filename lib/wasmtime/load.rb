# frozen_string_literal: true

# Compiled once, and loaded from then on.
module Wasmtime
  class << self
    # The folder for compiled code of {load}, where a call names none.
    #
    # Before it is set: `tmp/cache/wasmtime` of a Rails application, else `wasmtime-rb` in the user's cache folder (`XDG_CACHE_HOME`, or `~/.cache`).
    # @return [String, false] false when compiled code is not kept
    def cache_dir
      @cache_dir.nil? ? Cache.default_folder || false : @cache_dir
    end

    # Sets the folder for compiled code of {load}.
    # @param folder [String, Pathname, false, nil] false keeps no compiled code, nil is the usual folder again
    # @return [void]
    # @raise [TypeError] for anything else
    # @raise [ArgumentError] for an empty path
    # @example
    #   Wasmtime.cache_dir = "/var/cache/my-app"
    def cache_dir=(folder)
      @cache_dir = folder ? _folder(folder) : folder
    end

    # The module or component in a file. It is compiled once: from then on it comes from this process's memory (the last 128, for as long as path,
    # size, mtime and inode of the file stay) or from a folder of compiled code, which the next process finds.
    #
    # Compiled code is found by the SHA-256 of the file, the engine's settings and the version of this gem; what is damaged is compiled again.
    # Loading it runs native code, so a folder or file that another user could have written is refused. A folder that cannot be made or written
    # is no error. Other Ractors than the main one have no memory of their own, and use the folder once the main one has loaded something.
    #
    # @param path [String, Pathname] a binary, or the text format
    # @param engine [Engine]
    # @param cache_dir [String, Pathname, false, nil] where compiled code is kept; false: only in memory; nil: {cache_dir}
    # @return [Module, Component::Component]
    # @raise [Error] when the file cannot be read
    # @raise [CompileError] as {Module.new} and {Component::Component.new}
    # @raise [CacheError] when another user could have written the folder, or what is in it
    # @raise [TypeError] for other arguments
    # @example
    #   Wasmtime.load("resvg.wasm") # seconds, once
    #   Wasmtime.load("resvg.wasm") # microseconds
    def load(path, engine: Engine.default, cache_dir: nil)
      Cache.load(path, engine, _cache_folder(cache_dir))
    end

    # @api private
    def _cache_folder(folder)
      case folder
      when nil then cache_dir
      when false then false
      else _folder(folder)
      end
    end

    private

    def _folder(folder)
      path = _string(folder.respond_to?(:to_path) ? folder.to_path : folder)
      raise ArgumentError, "cache_dir: the path is empty" if path.empty?

      File.expand_path(path).freeze
    end
  end
end
