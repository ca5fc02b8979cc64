# frozen_string_literal: true

require_relative "../../wasmtime"
require_relative "source"

module Wasmtime
  module CLI
    # `wasmtime-rb compile`
    # @api private
    class Compile < Command
      BANNER = "Usage: wasmtime-rb compile [-o OUT] [--cache] FILE"
      NOTES = <<~TEXT
        Compiles FILE, a module or component in the binary or the text format, to native code for this machine and this version of the gem.

        A program in Ruby loads OUT with Wasmtime::Module.deserialize_file(Wasmtime::Engine.default, "OUT"), or the same of
        Wasmtime::Component::Component. That runs native code: load only files that nobody else could have written. With --cache the code
        goes to where Wasmtime.load, Wasmtime.run and `wasmtime-rb run` look for it.

        Exit status: 0, 1 when FILE cannot be read or compiled, or OUT cannot be written, 2 for a wrong command line.
      TEXT

      private

      def options(parser)
        parser.on("-o", "--output OUT", "where the code goes (FILE with the extension .cwasm)") { |path| @output = path }
        parser.on("--cache", "keep it in the cache folder (Wasmtime.cache_dir); a file is written with -o only") { @cache = true }
      end

      def perform(arguments)
        path = file(arguments)
        output = @output || (default_output(path) unless @cache)
        source = Source.new(path)
        refuse_output(path, output) if output
        keep(path) if @cache
        write(output, Source.about(path) { code(source) }) if output
        0
      end

      def default_output(path)
        "#{path.delete_suffix(File.extname(path))}.cwasm"
      end

      def code(source)
        (source.component? ? Component::Component : Module).new(source.bytes).serialize
      end

      # Only compiled code may be replaced: a slip of the tongue must not cost anybody a file.
      def refuse_output(path, output)
        raise UsageError, "--output: the path is empty" if output.empty?
        return unless File.exist?(output)
        raise Error, "#{output} is the file to compile: name another one with -o" if File.identical?(path, output)

        raise Error, "#{output} is #{File.directory?(output) ? 'a directory' : 'no regular file'}: name a file with -o" unless File.file?(output)
        return if File.zero?(output) || File.binread(output, 4) == Source::COMPILED

        raise Error, "#{output} exists and is no compiled code: delete it first, or name another file with -o"
      end

      # Under another name first, so that nobody loads half of it.
      def write(output, code)
        unfinished = "#{output}.#{Process.pid}.#{Random.urandom(4).unpack1('H*')}"
        File.open(unfinished, File::WRONLY | File::CREAT | File::EXCL, 0o644, binmode: true) { |file| file.write(code) }
        File.rename(unfinished, output)
        @stdout.puts "#{output}: #{code.bytesize} bytes"
      rescue SystemCallError => e
        raise Error, "#{output} cannot be written: #{e.class.new.message}"
      ensure
        File.delete(unfinished) if unfinished && File.exist?(unfinished)
      end

      def keep(path)
        folder = Wasmtime.cache_dir
        raise Error, "there is no folder for compiled code: set XDG_CACHE_HOME or HOME" unless folder

        compiled = Source.about(path) { Cache.precompile(path, Engine.default, folder) }
        @stdout.puts "#{path}: #{compiled ? 'compiled into' : 'was compiled already in'} #{folder}"
      end
    end
    private_constant :Compile
  end
end
