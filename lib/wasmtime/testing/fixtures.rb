# frozen_string_literal: true

module Wasmtime
  module Testing
    # Modules and components of a process, by the file or the text they come from. Threads that ask for the same wait for the one that compiles.
    # @api private
    class Fixtures
      # @!attribute [rw] stamp
      #   @return [Array, nil] what tells that a file is still the same
      Entry = Struct.new(:lock, :stamp, :code)
      # Where code came from: a path or a text.
      Origin = Struct.new(:path, :text)

      def initialize
        @lock = Mutex.new
        @entries = {}
        @origins = {}.compare_by_identity
      end

      # @param path [String, Pathname, nil]
      # @param text [String, nil] the text format, or a binary
      # @param engine [Engine]
      # @return [Module, Component::Component] the same object each time
      def fetch(path, text, engine)
        raise ArgumentError, "wasm_fixture: give either a path or wat:, #{path ? 'not both' : 'got neither'}" if path.nil? == text.nil?

        Wasmtime._check(engine, Engine)
        load(path.nil? ? Origin.new(nil, Wasmtime._string(text).dup.freeze) : Origin.new(locate(path), nil), engine)
      end

      # The same code for an engine that counts fuel. What is no fixture, or has an engine of its own, stays what it is.
      # @param code [Module, Component::Component]
      # @return [Module, Component::Component]
      def metered(code)
        origin, engine = made_from(code)
        origin && engine.equal?(Engine.default) ? load(origin, Engine._default(true)) : code
      end

      # @return [String] what a program of this code is called by its arguments
      def name(code)
        path = made_from(code)&.first&.path
        path ? File.basename(path) : "program"
      end

      private

      def made_from(code)
        @lock.synchronize { @origins[code] }
      end

      def load(origin, engine)
        entry = @lock.synchronize { @entries[[origin, engine]] ||= Entry.new(Mutex.new) }
        entry.lock.synchronize do
          stamp = stamp(origin)
          remember(entry, stamp, compile(origin, engine), [origin, engine]) unless entry.code && entry.stamp == stamp
          entry.code
        end
      end

      def remember(entry, stamp, code, made_from)
        @lock.synchronize do
          @origins.delete(entry.code)
          @origins[code] = made_from
        end
        entry.stamp = stamp
        entry.code = code
      end

      def stamp(origin)
        return unless origin.path

        stat = File.stat(origin.path)
        [stat.dev, stat.ino, stat.size, stat.mtime]
      end

      def compile(origin, engine)
        origin.path ? Wasmtime.load(origin.path, engine: engine) : Cache.type(origin.text).new(engine, origin.text)
      end

      def locate(path)
        path = Wasmtime._string(path.respond_to?(:to_path) ? path.to_path : path)
        folder = Testing.fixtures_path
        raise Error, missing_folder(path) unless folder || File.absolute_path?(path)

        found = File.expand_path(path, folder)
        File.file?(found) ? found : raise(Error, missing(path, found))
      end

      def missing_folder(path)
        "no fixture #{path.inspect}: there is neither #{FIXTURE_FOLDERS.join(' nor ')} in #{Dir.pwd}; set Wasmtime::Testing.fixtures_path"
      end

      def missing(path, found)
        folder = File.dirname(found)
        names = File.directory?(folder) ? Dir.children(folder).grep(/\.wa(t|sm)\z/) : []
        near = DidYouMean::SpellChecker.new(dictionary: names).correct(File.basename(found)).first
        "no fixture #{path.inspect}: there is no file #{found}#{", did you mean #{near.inspect}?" if near} " \
          "(Wasmtime::Testing.fixtures_path is #{Testing.fixtures_path.inspect})"
      end
    end

    FIXTURES = Fixtures.new
    private_constant :Fixtures, :FIXTURES
  end
end
