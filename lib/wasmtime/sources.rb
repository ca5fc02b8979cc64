# frozen_string_literal: true

module Wasmtime
  # Where modules and components come from: engines that are left out, bytes, texts and files.
  # @api private
  module Sources
    private

    def _with_engine(engine, source)
      source.nil? && !engine.is_a?(Engine) ? [Engine.default, engine] : [engine, source]
    end

    def _binary?(bytes)
      bytes.byteslice(0, 4).b == "\0asm".b
    end

    def _path(path)
      path = Wasmtime._string(path.respond_to?(:to_path) ? path.to_path : path)
      raise ArgumentError, "path contains null byte" if path.include?("\0")

      path
    end

    # Opening a FIFO waits for a writer, and forks wait for code that is being loaded.
    def _regular(path)
      path = _path(path)
      raise Error, "failed to open file: #{path} is no regular file" if File.exist?(path) && !File.file?(path)
      raise Error, "failed to load file: #{path} is empty" if File.zero?(path)

      path
    end

    def _read(path)
      File.binread(_path(path))
    rescue SystemCallError => e
      raise Error, "failed to read input file: #{path}: #{e.message}"
    end
  end
  private_constant :Sources
end
