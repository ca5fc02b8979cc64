# frozen_string_literal: true

require_relative "cache/memory"

module Wasmtime
  # Modules and components from files, compiled once: {Wasmtime.load}.
  # @api private
  module Cache
    extend Sources

    # How many modules and components a process keeps.
    CAPACITY = 128
    MEMORY = Memory.new(CAPACITY)
    # The seventh and eighth byte of a component; those of a module are 0.
    COMPONENT_LAYER = [1, 0].freeze

    class << self
      # @param path [String, Pathname]
      # @param folder [String, false] where compiled code is kept; false: nowhere
      # @param only [Class, nil] the kind that is expected
      # @return [Module, Component::Component]
      def load(path, engine, folder, only = nil)
        raise TypeError, "engine: expected a Wasmtime::Engine, got #{engine.inspect}" unless engine.is_a?(Engine)

        path = File.expand_path(_regular(path))
        loaded = from_memory(path, engine) { from_disk(path, engine, folder, only) }
        only.nil? || loaded.is_a?(only) ? loaded : refuse(path, loaded.class)
      end

      # The same from bytes that somebody has read and checked already. Nothing is kept in memory.
      # @param folder [String, false]
      # @return [Module, Component::Component]
      def load_bytes(bytes, engine, folder)
        type = type(bytes)
        disk = disk(folder) if folder
        disk ? disk.fetch(type, engine, bytes) { type.new(engine, bytes) } : type.new(engine, bytes)
      end

      # Compiles into a folder without keeping anything in memory.
      # @return [Boolean] whether it was compiled; false when it was there
      # @raise [Error] when it cannot be kept there
      def precompile(path, engine, folder)
        bytes = _read(_regular(path))
        type = type(bytes)
        disk = disk(folder)
        return false if disk.include?(type, engine, bytes)

        disk.fetch(type, engine, bytes) { type.new(engine, bytes) }
        disk.include?(type, engine, bytes) ||
          raise(Error, "#{folder} cannot be written: make it writable, or set Wasmtime.cache_dir to another folder")
      end

      # @return [Class] {Module} or {Component::Component}, whatever the bytes or the text are
      def type(bytes)
        bytes = Wasmtime.wat2wasm(bytes) unless _binary?(bytes)
        bytes.byteslice(6, 2)&.bytes == COMPONENT_LAYER ? Component::Component : Module
      rescue Error => e
        raise CompileError, e.message
      end

      # @return [String, nil] where compiled code is kept when nobody says where
      def default_folder
        rails = ::Rails.root if defined?(::Rails) && ::Rails.respond_to?(:root)
        return File.join(rails, "tmp/cache/wasmtime") if rails

        caches = [ENV.fetch("XDG_CACHE_HOME", ""), File.join(Dir.home, ".cache")].find { |folder| File.absolute_path?(folder) }
        File.join(caches, "wasmtime-rb") if caches
      rescue ArgumentError
        nil # there is no home
      end

      private

      def from_memory(path, engine, &)
        return yield unless Ractor.current == Ractor.main

        stat = File.stat(path)
        MEMORY.once([engine, path, stat.dev, stat.ino, stat.size, stat.mtime], &)
      rescue SystemCallError => e
        raise Error, "failed to read input file: #{path}: #{e.message}"
      end

      def from_disk(path, engine, folder, only)
        bytes = _read(path)
        type = type(bytes) unless only.nil?
        refuse(path, type) unless type == only
        load_bytes(bytes, engine, folder)
      end

      # Who only runs WebAssembly need not wait for what a folder takes. Other Ractors cannot load it.
      def disk(folder)
        require_relative "cache/disk" if Ractor.current == Ractor.main
        Disk.new(folder) if const_defined?(:Disk)
      end

      def refuse(path, type)
        is, other = type == Module ? ["a core module", Component::Component] : ["a component", Module]
        raise Error, "#{path} is #{is}: load it with #{type}.load, or whatever it is with Wasmtime.load; #{other}.load refuses it"
      end
    end
  end
  private_constant :Cache
end
