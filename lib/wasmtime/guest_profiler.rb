# frozen_string_literal: true

module Wasmtime
  # Samples the wasm stack of a store while its guests run, and writes what it saw for Firefox's profiler (https://profiler.firefox.com shows
  # it). Time that a guest spends in host blocks or waits is not sampled. Functions have their names where the module has a name section.
  #
  # @example
  #   Wasmtime::GuestProfiler.profile(store, { "app" => mod }, to: "profile.json", interval: 0.001) do
  #     instance.invoke("run")
  #   end
  module GuestProfiler
    class << self
      # Runs the block while the store is sampled. The profile is written however the block ends.
      # @param store [Store] of an engine with `interruptible: true`, which is the default
      # @param modules [Module, Array<Module>, Hash{String => Module}] whose functions are to be named
      # @param to [String, Pathname, IO, #write] where the profile goes: a path, or something to write to
      # @param interval [Numeric] seconds between two samples; the machine may not manage less than a tenth of a millisecond
      # @param name [String] of the profile
      # @yield
      # @return [Object] what the block returns
      # @raise [ArgumentError] for an interval that is not above 0, or without a block
      # @raise [StoreBusyError] when the store is being profiled already
      # @raise [Error] for an engine with `interruptible: false`, or a module of another engine
      def profile(store, modules, to:, interval: 0.001, name: "guest")
        raise ArgumentError, "no block given" unless block_given?
        raise ArgumentError, "interval: expected seconds above 0, got #{interval.inspect}" unless interval.is_a?(Numeric) && interval.positive?

        Wasmtime._check(store, Store)
        _begin(store, Wasmtime._name(name), _named(modules), interval.to_f)
        begin
          yield
        ensure
          profile = _finish(store)
          _write(to, profile) if profile
        end
      end

      private :_begin, :_finish

      private

      def _named(modules)
        return modules.map { |name, mod| [Wasmtime._name(name), mod] } if modules.is_a?(Hash)

        Array(modules).each_with_index.map { |mod, index| ["module #{index}", mod] }
      end

      def _write(target, profile)
        target.respond_to?(:write) && !(defined?(Pathname) && target.is_a?(Pathname)) ? target.write(profile) : File.binwrite(target, profile)
      end
    end
  end
end
