# frozen_string_literal: true

module Wasmtime
  # Reads a {WasiConfig} when a store is made: checks every value, opens files for the sake of a good error, and says step by step what native
  # code is to do.
  # @api private
  class WasiSteps
    # Permissions of the form with three arguments, and of the one with four; true for writing.
    PERMISSIONS = { read_only: false, read_write: true }.freeze
    OLDER = { %i[read read] => false, %i[all all] => true }.freeze
    OLDER_DIRECTORIES = %i[read mutate all].freeze
    OLDER_FILES = %i[read write all].freeze
    NETWORK = %i[inherit_network allow_http allow_tcp allow_udp allow_ip_name_lookup].freeze

    def initialize(streams:, argv:, env:, directories:, network:, check:, deterministic:)
      @streams = streams
      @argv = argv
      @env = env
      @directories = directories
      @network = network
      @check = check
      @deterministic = deterministic
      @held = []
      @pipes = {}
    end

    # Yields the steps. The files among them stay open meanwhile, so that opening a pipe again does not wait for its other end.
    # @yieldparam steps [Array<Array>]
    # @return [Object] what the block returns
    def each_file_held
      made = yield steps
      @pipes.each_value(&:opened)
      made
    rescue Exception # rubocop:disable Lint/RescueException
      @pipes.each_value(&:stop)
      raise
    ensure
      @held.each(&:close)
    end

    private

    def steps
      check_determinism
      [*argv, *env, *@streams.map { |_stream, setting| stream(*setting) }, *@directories.map { |given| directory(*given) },
       *@network.map do |name, allow|
         [name, *(allow unless %i[inherit_network allow_http].include?(name))]
       end, *([[:streams]] if @pipes.any?), *([[:socket_addr_check, @check]] if @check), *([[:determinism]] if @deterministic)]
    end

    # The order of magnitude of what could differ between two runs.
    def check_determinism
      return unless @deterministic && @network.value?(true)

      raise Error, "Sources of indeterminism cannot be combined with determinism: add_determinism excludes #{@network.key(true)}"
    end

    def argv
      return [] if @argv.nil?

      [[:argv, Wasmtime._array(@argv).each_with_index.map { |text, index| text(text, "argv[#{index}]") }]]
    end

    def env
      return [] if @env.nil?

      pairs = @env.respond_to?(:to_hash) ? @env.to_hash : raise(TypeError, "env: expected a Hash or ENV, got #{@env.class}")
      [[:env, pairs.keys.map { |name| variable(name) }, pairs.map { |name, value| text(value, "env[#{name.inspect}]") }]]
    end

    def variable(name)
      name = text(name, "the name of an environment variable")
      raise ArgumentError, "env: a name is empty or contains =: #{name.inspect}" if name.empty? || name.include?("=")

      name
    end

    def stream(name, value = nil)
      case name
      when :stdin_string then [name, String.try_convert(value) || raise(TypeError, "stdin: expected a String, got #{value.class}")]
      when :stdin_file then [name, hold(value, "rb", "Failed to open file")]
      when :stdout_file, :stderr_file then [name, hold(value, "wb", "Failed to write to file")]
      when :stdin_stream, :stdout_stream, :stderr_stream then pipe(name, value)
      else [name, *value]
      end
    end

    # A pipe that both streams lead to keeps their order.
    def pipe(name, setting)
      pipe = @pipes[setting] ||= setting.open
      stream(:"#{name.name.delete_suffix("_stream")}_file", pipe.path)
    end

    def hold(path, mode, failure)
      path = path(path)
      file = File.open(path, mode)
      @held << file
      # Both ends, because the one that made File.open return may be gone by the time native code opens the pipe.
      @held << File.open(path, "r+b") if file.stat.pipe?
      raise Errno::EISDIR, path if file.stat.directory?

      path
    rescue SystemCallError => e
      raise Error, "#{failure} #{path}: #{reason(e)}"
    end

    def directory(host, guest, *permissions)
      host = path(host)
      writable = permissions.last.nil? ? writable(permissions.first) : writable_in_older_form(*permissions)
      raise Errno::ENOTDIR, host unless File.stat(host).directory?

      [:directory, host, text(guest, "the guest's path"), writable]
    rescue SystemCallError => e
      raise Error, "Failed to open directory #{host}: #{reason(e)}"
    end

    def writable(permission)
      PERMISSIONS.fetch(permission) { raise ArgumentError, invalid(:permissions, PERMISSIONS.keys, permission) }
    end

    def writable_in_older_form(directory, file)
      raise ArgumentError, invalid(:dir_perms, OLDER_DIRECTORIES, directory) unless OLDER_DIRECTORIES.include?(directory)
      raise ArgumentError, invalid(:file_perms, OLDER_FILES, file) unless OLDER_FILES.include?(file)

      OLDER.fetch([directory, file]) do
        raise ArgumentError, "the permissions #{directory.inspect} for directories and #{file.inspect} for files cannot be kept: Wasmtime 48 knows " \
                             "only :read_only (:read, :read) and :read_write (:all, :all)"
      end
    end

    def invalid(name, expected, given)
      "invalid :#{name}, expected one of #{expected.inspect}, got #{given.inspect}"
    end

    def path(value)
      text(File.path(value), "the path")
    end

    # WASI's texts are UTF-8 and, in C, end with a NUL.
    def text(value, what)
      string = String.try_convert(value) || raise(TypeError, "#{what}: expected a String, got #{value.nil? ? 'nil' : value.class}")
      utf8 = string.encoding == Encoding::BINARY ? string.dup.force_encoding(Encoding::UTF_8) : string.encode(Encoding::UTF_8)
      raise EncodingError, "#{what} is not valid UTF-8: #{string.inspect}" unless utf8.valid_encoding?
      raise ArgumentError, "#{what} contains a NUL byte: #{string.inspect}" if utf8.include?("\0")

      utf8
    end

    def reason(error)
      error.message.sub(/ @ .*/m, "").sub(/ - .*/m, "")
    end
  end
  private_constant :WasiSteps
end
