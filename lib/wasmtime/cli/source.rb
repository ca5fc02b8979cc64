# frozen_string_literal: true

module Wasmtime
  module CLI
    # A file of WebAssembly that somebody named on the command line.
    # @api private
    class Source
      BINARY = "\0asm".b
      COMPILED = "\x7fELF".b
      # Bytes of the least there is: the magic number and the version.
      HEAD = 8
      # A text begins with a parenthesis, be it that of a comment.
      TEXT = /\A(?:\s|;;[^\n]*\n)*\(/n

      # Errors that are about a file; what a guest does has classes of its own, with more in them than a message.
      ABOUT_FILES = [Error, CompileError, LinkError, CacheError].freeze

      class << self
        # Says which file an error of the block is about.
        # @param path [String]
        # @return [Object] what the block returns
        def about(path)
          yield
        rescue *ABOUT_FILES => e
          raise if e.message.include?(path) || ABOUT_FILES.none? { |kind| e.instance_of?(kind) }

          raise(e.class, "#{path}: #{e.message}", cause: nil)
        end

        # @param path [String]
        # @return [String] what is in it
        # @raise [Error] for what is no file of WebAssembly
        def read(path)
          bytes = File.binread(regular(path))
          raise Error, "#{path} is empty" if bytes.empty?
          return bytes if bytes.match?(TEXT)
          raise Error, foreign(path, bytes) unless bytes.start_with?(BINARY)
          raise Error, "#{path} ends after #{bytes.bytesize} bytes: a binary has at least #{HEAD}" if bytes.bytesize < HEAD

          bytes
        end

        private

        # A pipe would have to be read twice.
        def regular(path)
          return path if File.stat(path).file?

          raise Error, "#{path} is #{File.directory?(path) ? 'a directory' : 'no regular file'}: expected a file of WebAssembly"
        rescue SystemCallError => e
          raise Error, "#{path} cannot be read: #{e.class.new.message}"
        end

        def foreign(path, bytes)
          if bytes.start_with?(COMPILED)
            return "#{path} is native code already, as wasmtime-rb compile writes it: name the file it was compiled from " \
                   "(a program in Ruby loads it with Wasmtime::Module.deserialize_file)"
          end

          "#{path} is no WebAssembly: it begins with #{bytes.byteslice(0, 8).dump}, expected a binary (\"\\0asm\") or the text format (\"(module\")"
        end
      end

      # @return [String] as it was named
      attr_reader :path
      # @return [String] the binary
      attr_reader :bytes
      # @return [Integer] bytes of the file
      attr_reader :size

      # @param path [String]
      # @raise [Error] for what is no file of WebAssembly
      # @raise [CompileError] for a text that cannot be parsed
      def initialize(path)
        @path = path
        given = Source.read(path)
        @size = given.bytesize
        @text = !given.start_with?(BINARY)
        @bytes = (@text ? Source.about(path) { Wasmtime.wat2wasm(given) } : given).b
      rescue SystemCallError => e
        raise Error, "#{path} cannot be read: #{e.class.new.message}"
      end

      # @return [Boolean] whether the file is in the text format
      def text?
        @text
      end

      # @return [Boolean]
      def component?
        Cache.type(bytes) == Component::Component
      end
    end
    private_constant :Source
  end
end
