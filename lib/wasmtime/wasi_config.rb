# frozen_string_literal: true

module Wasmtime
  # What a store's WASI may see of the world. At first that is nothing: no arguments, no environment, no files, empty standard input, and
  # output that goes nowhere. Every setting returns the configuration, and a later one replaces an earlier one of the same kind.
  #
  # Settings are kept as they are given, and read and checked by `Store.new`: that is where files are opened and errors raised.
  #
  # @example
  #   output = +""
  #   config = Wasmtime::WasiConfig.new
  #     .set_argv(%w[resize photo.png])
  #     .set_env("LANG" => "C")
  #     .set_stdin_string("yes\n")
  #     .set_stdout_buffer(output, 64 << 10)
  #     .set_mapped_directory("photos", "/photos", :read_only)
  #   store = Wasmtime::Store.new(engine, wasi_config: config)
  class WasiConfig
    def initialize
      @streams = {}
      @argv = @env = nil
      @directories = []
      @network = {}
      @deterministic = false
    end

    # Lets the guest read the standard input of this process, the file descriptor: what `$stdin` has read ahead is gone.
    # @return [self]
    def inherit_stdin
      _set(:stdin, :inherit_stdin)
    end

    # Lets the guest read a file, or a pipe that a Ruby thread writes to; other threads run meanwhile.
    # @param path [String, Pathname] opened by `Store.new`, which waits until a pipe has a writer
    # @return [self]
    def set_stdin_file(path)
      _set(:stdin, :stdin_file, path)
    end

    # Gives the guest bytes to read.
    # @param content [String]
    # @return [self]
    def set_stdin_string(content)
      _set(:stdin, :stdin_string, content)
    end

    # Lets the guest write to the standard output of this process, the file descriptor: it passes `$stdout` by, so flush that before.
    # @return [self]
    def inherit_stdout
      _set(:stdout, :inherit_stdout)
    end

    # Lets the guest write to a file, which `Store.new` empties or creates.
    # @param path [String, Pathname]
    # @return [self]
    def set_stdout_file(path)
      _set(:stdout, :stdout_file, path)
    end

    # Appends what the guest writes to a String. It is there, complete and in order, when a host block runs and when the call returns, however
    # it ends. What is over the capacity is dropped without the guest noticing; {#truncated?} tells. Give one String to both streams to have
    # them interleaved as they were written.
    # @param buffer [String] not frozen
    # @param capacity [Integer] how long the String may become, in bytes; empty it between calls to make room
    # @return [self]
    def set_stdout_buffer(buffer, capacity)
      _set_buffer(:stdout, buffer, capacity)
    end

    # Lets the guest read from a Ruby object. A thread reads it while the guest runs, some 64 KiB ahead of the guest at most.
    #
    # A guest that waits for input keeps its call from ending; when the object has no more to give, close it. {Wasmtime.run} can end that wait.
    # @param source [String, #readpartial, #read, :inherit, :null, nil] bytes; a File, a pipe, a StringIO; this process's own; nothing
    # @return [self]
    # @raise [TypeError] for anything else
    # @example
    #   config.set_stdin(File.open("input.csv"))
    def set_stdin(source)
      _stream(:stdin, source) { |string| _set(:stdin, :stdin_string, string) }
    end

    # Brings what the guest writes to a Ruby object, in order, while the guest runs, by a thread for each store; calls run without the GVL then.
    # {#flush} waits until all of it is there. One object for both streams gets them as they were written; but a Logger knows them apart.
    #
    # What an object raises is raised by {#flush} and by {Wasmtime.run}; the guest is told that nobody reads any more.
    # @param target [String, #write, Logger, #call, :inherit, :null, nil] a String is appended to (see {#set_stdout_buffer}); a File, a pipe or a
    #   StringIO is written to; a Logger is given lines, with severity info (standard error: error); a Proc or Method is given lines without
    #   their ends, of at most 64 KiB; this process's own; nowhere
    # @param limit [Integer, nil] bytes of each store, of a String its length; what is over it is dropped, see {#truncated?}; nil is no limit
    # @return [self]
    # @raise [TypeError] for anything else
    # @raise [ArgumentError] for a negative limit
    # @example
    #   config.set_stdout(->(line) { puts "guest: #{line}" }).set_stderr(Rails.logger)
    def set_stdout(target, limit = nil)
      _output(:stdout, target, limit)
    end

    # As {#set_stdout}, for standard error.
    # @param target [String, #write, Logger, #call, :inherit, :null, nil]
    # @param limit [Integer, nil] bytes
    # @return [self]
    # @raise [TypeError] for anything else
    # @raise [ArgumentError] for a negative limit
    def set_stderr(target, limit = nil)
      _output(:stderr, target, limit)
    end

    # Waits until what guests wrote so far has arrived at the objects of {#set_stdout} and {#set_stderr}.
    # @return [self]
    # @raise [Exception] what such an object has raised
    def flush
      _pipes.each { |pipe| pipe.flush if pipe.respond_to?(:flush) }
      _raise_error
      self
    end

    # As {#inherit_stdout}, for standard error.
    # @return [self]
    def inherit_stderr
      _set(:stderr, :inherit_stderr)
    end

    # As {#set_stdout_file}, for standard error.
    # @param path [String, Pathname]
    # @return [self]
    def set_stderr_file(path)
      _set(:stderr, :stderr_file, path)
    end

    # As {#set_stdout_buffer}, for standard error.
    # @param buffer [String] not frozen
    # @param capacity [Integer] how long the String may become, in bytes
    # @return [self]
    def set_stderr_buffer(buffer, capacity)
      _set_buffer(:stderr, buffer, capacity)
    end

    # Whether a guest wrote more than a String or another object was allowed to take.
    # @param stream [:stdout, :stderr, nil] either when nil
    # @return [Boolean] false for a stream without a limit
    # @raise [ArgumentError] for another name
    def truncated?(stream = nil)
      raise ArgumentError, "expected :stdout or :stderr, got #{stream.inspect}" unless [nil, :stdout, :stderr].include?(stream)

      _buffers(stream).any?(&:truncated?)
    end

    # Sets the guest's arguments.
    # @param argv [Array<String>] the guest's arguments, its own name first
    # @return [self]
    def set_argv(argv)
      @argv = argv
      self
    end

    # Sets the guest's environment; nothing of this process's own comes along.
    # @param env [Hash{String => String}, ENV] the guest's environment variables
    # @return [self]
    def set_env(env)
      @env = env
      self
    end

    # Gives the guest a directory. It cannot leave it: not with `..`, not through symbolic links.
    #
    # The form with four arguments is that of Wasmtime before 48, which knew permissions for directories and for the files in them: `:read` and
    # `:read` become `:read_only`, `:all` and `:all` become `:read_write`. The others cannot be kept, and `Store.new` says so.
    # @param host_path [String, Pathname] the directory
    # @param guest_path [String] where the guest finds it
    # @param permissions [:read_only, :read_write] what the guest may do there
    # @param file_permissions [Symbol] see above
    # @return [self]
    def set_mapped_directory(host_path, guest_path, permissions, file_permissions = nil)
      @directories << [host_path, guest_path, permissions, file_permissions].freeze
      self
    end

    # Makes every run see the same: clocks stand at 0, random numbers come from a fixed seed, and there is no network. Sleeping still takes
    # time unless {Linker#use_deterministic_scheduling_functions} is used.
    # @return [self]
    def add_determinism
      @deterministic = true
      self
    end

    # Lets the guest reach every address. Preview 1 can only accept connections on sockets it was given, and it is given none.
    # @return [self]
    def inherit_network
      _allow(:inherit_network, true)
    end

    # Takes a block that decides which addresses the sockets of the guest may use; a component's, because no function of preview 1 makes one.
    # It may not use the store, whose guest stands still in the middle of its work. An exception denies the address, and leaves the guest's
    # call when that returns. Without a block nothing changes.
    # @yieldparam address [String] such as "127.0.0.1:8080"; where the system chooses one, "0.0.0.0:0"
    # @yieldparam use [Symbol] :tcp_connect, :tcp_bind (also what connecting does on the way), :tcp_listen, :tcp_accept, :udp_bind,
    #   :udp_outgoing_datagram or :udp_receive
    # @yieldreturn [Boolean] whether it may
    # @return [self]
    # @example
    #   config.socket_addr_check { |address, use| use == :tcp_bind || address == "127.0.0.1:5432" }
    def socket_addr_check(&check)
      @socket_addr_check = check if check
      self
    end

    # Allows TCP or forbids it.
    # @param allow [Boolean] whether the guest may use TCP, with addresses it may reach
    # @return [self]
    def allow_tcp(allow)
      _allow(:allow_tcp, allow)
    end

    # Allows UDP or forbids it.
    # @param allow [Boolean] whether the guest may use UDP, with addresses it may reach
    # @return [self]
    def allow_udp(allow)
      _allow(:allow_udp, allow)
    end

    # Allows looking names up or forbids it.
    # @param allow [Boolean] whether the guest may look up the addresses of names
    # @return [self]
    def allow_ip_name_lookup(allow)
      _allow(:allow_ip_name_lookup, allow)
    end

    # Lets the guest make HTTP requests, to any address: Wasmtime asks {#socket_addr_check} about sockets only. Off unless it is called, and of
    # use with a linker that has {WASI::HTTP}.
    # @return [self]
    def allow_http
      _allow(:allow_http, true)
    end

    # @return [String] what is set, without the values
    def inspect
      set = [*@streams.values.map(&:first), *(:argv if @argv), *(:env if @env), *(:determinism if @deterministic), *@network.keys]
      set << "directories: #{@directories.map { |_, guest, *| guest }.inspect}" unless @directories.empty?
      "#<Wasmtime::WasiConfig#{" #{set.join(', ')}" unless set.empty?}>"
    end

    # Gives the guest directories as {Wasmtime.run} and others are told of them: paths by the guest's names, or a path and :read_write.
    # @api private
    def _map_directories(dirs)
      pairs = Hash.try_convert(dirs) || raise(TypeError, "dirs: expected a Hash of guest paths and host paths, got #{dirs.class}")
      pairs.each do |guest, (host, permissions, *rest)|
        raise ArgumentError, "dirs: #{guest}: expected a path, or a path and :read_write, got #{pairs[guest].inspect}" unless rest.empty?

        set_mapped_directory(host, guest, permissions || :read_only)
      end
      self
    end

    # Yields what native code is to do, with the files it opens held open.
    # @api private
    def _steps(&)
      WasiSteps.new(streams: @streams, argv: @argv, env: @env, directories: @directories, network: @network, check: @socket_addr_check,
                    deterministic: @deterministic).each_file_held(&)
    end

    # What connects its stores with Ruby objects.
    # @api private
    def _pipes
      _settings.flat_map(&:pipes).uniq
    end

    # @return [Exception, nil] what an object of a stream has raised
    # @api private
    def _error
      _pipes.filter_map(&:error).first
    end

    # @api private
    def _raise_error
      error = _error
      raise error if error
    end

    private

    # More than a String can have.
    UNLIMITED = 1 << 62
    private_constant :UNLIMITED

    def _output(stream, target, limit)
      raise TypeError, "limit: expected a number of bytes or nil, got #{limit.inspect}" unless limit.nil? || limit.is_a?(Integer)
      raise ArgumentError, "limit: expected at least 0 bytes, got #{limit}" if limit&.negative?

      _stream(stream, target, limit) { |string| _set_buffer(stream, string, limit || UNLIMITED) }
    end

    def _stream(stream, object, limit = nil)
      case object
      when nil, :null then @streams.delete(stream)
      when :inherit then _set(stream, :"inherit_#{stream}")
      when String then yield object
      else
        shared = _settings(except: stream).find { |setting| stream != :stdin && setting.share?(object) }
        _set(stream, :"#{stream}_stream", shared || Streams::Setting.new(stream, object, limit))
      end
      self
    end

    def _settings(except: nil)
      @streams.reject { |stream, _setting| stream == except }.filter_map { |_stream, (_name, value)| value if value.is_a?(Streams::Setting) }
    end

    def initialize_copy(original)
      super
      @streams = @streams.dup
      @directories = @directories.dup
      @network = @network.dup
    end

    def _set(stream, *setting)
      @streams[stream] = setting
      self
    end

    def _set_buffer(stream, buffer, capacity)
      _set(stream, :"#{stream}_buffer", OutputBuffer.new(buffer, capacity))
    end

    def _allow(setting, allow)
      @network[setting] = allow ? true : false
      self
    end

    def _buffers(stream)
      settings = stream ? [@streams[stream]] : @streams.values
      settings.compact.filter_map { |_name, value| value if value.respond_to?(:truncated?) }
    end
  end
end
