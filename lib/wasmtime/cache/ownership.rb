# frozen_string_literal: true

module Wasmtime
  module Cache
    # Who could have written a file or a folder. Compiled code is run as it is: whoever can write it can do whatever this process may do.
    # @api private
    module Ownership
      OTHERS_MAY_WRITE = 0o022

      module_function

      # @param folder [String] a folder that exists
      # @return [String] the same without symbolic links
      # @raise [CacheError] when another user could have written it, or renamed a folder above it
      def folder(folder)
        real = File.realpath(folder)
        check(real, File.stat(real), :directory?)
        above(real) { |path| check(path, File.stat(path), :directory?, shared: true) }
        real
      end

      # @param path [String] a file in a folder that was checked
      # @raise [CacheError] when another user could have written it
      def file(path)
        check(path, File.lstat(path), :file?)
      end

      def above(path)
        until (parent = File.dirname(path)) == path
          yield path = parent
        end
      end

      # In a folder like /tmp anybody writes, but with the sticky bit only its owner renames or deletes what lies there.
      def check(path, stat, kind, shared: false)
        refuse(path, "it is no #{kind == :file? ? 'regular file' : 'folder'}") unless stat.public_send(kind)
        refuse(path, "it belongs to user #{stat.uid}, and this is user #{Process.euid}") unless [Process.euid, 0].include?(stat.uid)
        return if (stat.mode & OTHERS_MAY_WRITE).zero? || (shared && stat.sticky?)

        refuse(path, format("others may write it (its mode is %04o)", stat.mode & 0o7777))
      end

      def refuse(path, reason)
        raise CacheError, "refused to load compiled code from the cache: #{path}: #{reason}. Loading runs native code: make it writable for " \
                          "its owner only (chmod go-w), or give another cache_dir, or cache_dir: false"
      end

      private_class_method :above, :check, :refuse
    end
  end
end
