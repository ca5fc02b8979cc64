# frozen_string_literal: true

require "digest/sha2" # at once: other Ractors cannot require
require "fileutils"
require "zlib"
require_relative "ownership"

module Wasmtime
  module Cache
    # Compiled code in a folder. A file's name says what it was compiled from, for which engines and by which version of this gem, and the checksum
    # of what is in it: Wasmtime does not notice every kind of damage.
    # @api private
    class Disk
      # @param folder [String] it is made when there is none
      def initialize(folder)
        @folder = folder
      end

      # @param type [Class] {Module} or {Component::Component}
      # @param bytes [String] what it is compiled from
      # @yieldreturn [Module, Component::Component] the same compiled, when it is not there
      # @return [Module, Component::Component]
      # @raise [CacheError] when another user could have written the folder or a file
      def fetch(type, engine, bytes)
        folder = folder() or return yield
        key = Digest::SHA256.hexdigest([type, VERSION, engine.precompile_compatibility_key, Digest::SHA256.digest(bytes)].join("\0"))
        find(folder, key, type, engine) || yield.tap { |compiled| store(folder, key, compiled.serialize) }
      end

      # @return [Boolean] whether the code for these bytes is there and whole
      def include?(type, engine, bytes)
        fetch(type, engine, bytes) { return false }
        true
      end

      private

      # Nil where there can be none: a cache is no reason to fail.
      def folder
        FileUtils.mkdir_p(@folder, mode: 0o700)
        Ownership.folder(@folder)
      rescue SystemCallError
        nil
      end

      def find(folder, key, type, engine)
        Dir.glob("#{key}-*.cwasm", base: folder).each do |name|
          path = File.join(folder, name)
          Ownership.file(path)
          return type.deserialize_file(engine, path) if name == name(key, checksum(path))

          FileUtils.rm_f(path)
        rescue Errno::ENOENT
          next # another process was faster
        rescue CacheError
          raise
        rescue Error
          FileUtils.rm_f(path)
        end
        nil
      end

      def name(key, checksum)
        format("%s-%08x.cwasm", key, checksum)
      end

      def checksum(path)
        sum = 0
        buffer = String.new
        File.open(path, "rb") { |file| sum = Zlib.crc32(buffer, sum) while file.read(1 << 20, buffer) }
        sum
      end

      # Under another name first, so that nobody sees half of it.
      def store(folder, key, code)
        path = File.join(folder, name(key, Zlib.crc32(code)))
        unfinished = "#{path}.#{Random.urandom(8).unpack1('H*')}"
        File.open(unfinished, File::WRONLY | File::CREAT | File::EXCL, 0o600, binmode: true) { |file| file.write(code) }
        File.rename(unfinished, path)
      rescue SystemCallError
        nil
      ensure
        FileUtils.rm_f(unfinished) if unfinished
      end
    end
  end
end
