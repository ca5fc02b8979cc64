# frozen_string_literal: true

require "fileutils"
require "rbconfig"
require "tempfile"

module Wasmtime
  module CLI
    # What `wasmtime-rb doctor` looks at. Each check gives a text, or raises what is wrong and what to do.
    # @api private
    class Checks
      NAMES = %i[ruby gem extension cache stacks module component fiber timeout].freeze
      # Checks that need the extension.
      NATIVE = NAMES.drop(3)
      # What entering a guest takes of a fiber's machine stack, and what Ruby itself needs besides.
      GUEST_STACK = (256 + 128) << 10
      RUBY_STACK = 64 << 10
      WAT = '(module (func (export "spin") (loop $again (br $again)))
               (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
      COMPONENT = '(component (core module $code (func (export "answer") (result i32) (i32.const 42)))
                     (core instance $code (instantiate $code))
                     (func (export "answer") (result u32) (canon lift (core func $code "answer"))))'

      # Runs the checks.
      # @yieldparam name [String]
      # @yieldparam problem [Boolean]
      # @yieldparam text [String]
      # @return [Array<Array(String, Boolean, String)>] the same
      def to_a
        NAMES.filter_map do |name|
          next if NATIVE.include?(name) && !@loaded

          [name.name, *outcome(name)].tap { |found| yield(*found) }
        end
      end

      private

      def outcome(name)
        [false, send(name)]
      rescue StandardError, LoadError, NoMemoryError, SystemStackError => e
        [true, Sentence.lines(e.message)]
      end

      def ruby
        text = "#{RUBY_ENGINE} #{RUBY_VERSION} on #{RUBY_PLATFORM}"
        raise "#{text}: this gem is an extension of CRuby, install ruby 3.1 or later" unless RUBY_ENGINE == "ruby"
        raise "#{text}: install ruby 3.1 or later" if Gem::Version.new(RUBY_VERSION) < Gem::Version.new("3.1")

        text
      end

      def gem
        "wasmtime-rb #{VERSION} in #{File.expand_path('../../..', __dir__)}"
      end

      def extension
        require_relative "../../wasmtime"
        @loaded = true
        path = $LOADED_FEATURES.grep(%r{/wasmtime_rb\.#{Regexp.escape(RbConfig::CONFIG['DLEXT'])}\z}).last
        "Wasmtime #{WASMTIME_VERSION}, #{path} (#{File.size(path)} bytes)"
      end

      def cache
        folder = Wasmtime.cache_dir
        return "none, there is no home folder: compiled code is kept in memory only" unless folder

        require_relative "../cache/ownership"
        FileUtils.mkdir_p(folder, mode: 0o700)
        Tempfile.create("doctor", Cache::Ownership.folder(folder)) { |file| file.write("written") && file.flush }
        folder
      rescue SystemCallError => e
        raise "#{folder} cannot be written, so each process compiles again: #{e.class.new.message}; make it writable, or set XDG_CACHE_HOME or " \
              "Wasmtime.cache_dir to a folder that is"
      end

      def stacks
        fiber = stack(:fiber_machine_stack_size)
        text = "fiber #{kib(fiber)}, thread #{kib(stack(:thread_machine_stack_size))}, main thread #{main_stack}, " \
               "guest #{kib(256 << 10)} (max_wasm_stack of the default engine)"
        return text if fiber.nil? || fiber >= GUEST_STACK + RUBY_STACK

        raise "#{text}: a guest on a fiber needs #{kib(GUEST_STACK + RUBY_STACK)}, unset RUBY_FIBER_MACHINE_STACK_SIZE or make it larger"
      end

      def stack(name)
        RubyVM::DEFAULT_PARAMS[name] if defined?(RubyVM::DEFAULT_PARAMS)
      end

      def kib(bytes)
        bytes ? "#{bytes >> 10} KiB" : "unknown"
      end

      def main_stack
        limit, = Process.getrlimit(:STACK)
        limit == Process::RLIM_INFINITY ? "unlimited" : kib(limit)
      rescue NotImplementedError
        "unknown"
      end

      # A new one each time: an engine that cannot compile has not to be remembered.
      def instance
        Instance.new(Store.new, Module.new(WAT))
      end

      def module
        expect(42, instance.invoke("add", 40, 2))
        expect(42, Thread.new { instance.invoke("add", 40, 2) }.value)
        loaded = Module.deserialize(Engine.default, Engine.default.precompile_module(WAT))
        expect(42, Instance.new(Store.new, loaded).invoke("add", 40, 2))
        "compiled, stored, loaded and run"
      end

      def component
        component = Component::Component.new(COMPONENT)
        expect(42, Component::Linker.new.instantiate(Store.new, component).invoke("answer"))
        "compiled and run"
      end

      def fiber
        expect(42, Fiber.new { instance.invoke("add", 40, 2) }.resume)
        "run on a fiber"
      end

      def timeout
        instance.invoke("spin", timeout: 0.05)
        raise "a loop ended by itself: report this"
      rescue TimeoutError
        "a loop was stopped"
      end

      def expect(expected, got)
        return if got == expected

        raise "the guest gave #{got.inspect}, expected #{expected.inspect}: reinstall with gem pristine wasmtime-rb, and report this"
      end
    end
    private_constant :Checks
  end
end
