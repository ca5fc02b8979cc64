# frozen_string_literal: true

module Wasmtime
  module CLI
    # What a module or component wants of WASI, and which permissions that hints at.
    # @api private
    class Needs
      PREVIEW1 = "wasi_snapshot_preview1"
      # Groups of the functions of preview 1; the first that fits counts.
      FUNCTIONS = {
        "arguments" => /\Aargs_/, "environment" => /\Aenviron_/, "clock" => /\A(?:clock_|poll_oneoff\z|sched_yield\z)/, "random" => /\Arandom_/,
        "network" => /\Asock_/, "exit" => /\Aproc_/,
        "files" => /\A(?:path_|fd_(?:prestat|readdir|filestat|allocate|pread|pwrite|sync|datasync|advise))/, "stdio" => //
      }.freeze
      # Groups of the interfaces of preview 2. Those of wasi:io belong to whatever opened the stream.
      INTERFACES = {
        "environment" => %r{\Awasi:cli/environment}, "stdio" => %r{\Awasi:cli/(?:std|terminal)}, "exit" => %r{\Awasi:cli/exit},
        "clock" => /\Awasi:clocks/, "random" => /\Awasi:random/, "files" => /\Awasi:filesystem/, "network" => /\Awasi:sockets/,
        "http" => /\Awasi:http/, "streams" => /\Awasi:io/, "other" => //
      }.freeze
      # What `run` gives, and how to give more.
      HINTS = {
        "files" => "--dir and --dir-rw give directories", "environment" => "--env gives variables", "arguments" => "the words after FILE",
        "stdio" => "that of this process", "clock" => "always given", "random" => "always given",
        "network" => "not given by run: Wasmtime::WasiConfig#inherit_network", "http" => "not given by run: Wasmtime::WasiConfig#allow_http"
      }.freeze

      # @param imports [Array<ImportType>] of a module
      # @return [Needs]
      def self.of_module(imports)
        new(preview1: group(imports.select { |import| import.module == PREVIEW1 }.map(&:name), FUNCTIONS))
      end

      # @param names [Array<String>] what a component imports
      # @return [Needs]
      def self.of_component(names)
        new(preview2: group(names.grep(/\Awasi:/), INTERFACES))
      end

      def self.group(names, groups)
        found = names.group_by { |name| groups.find { |_, pattern| name.match?(pattern) }.first }
        groups.keys.filter_map { |key| [key, found[key]] if found.key?(key) }.to_h
      end
      private_class_method :group

      # @return [Hash{String => Array<String>}] functions of preview 1 by group
      attr_reader :preview1
      # @return [Hash{String => Array<String>}] interfaces of preview 2 by group
      attr_reader :preview2

      def initialize(preview1: {}, preview2: {})
        @preview1 = preview1
        @preview2 = preview2
      end

      # @return [Array<String>] what it may want to reach
      def permissions
        HINTS.keys & (preview1.keys + preview2.keys)
      end

      # @return [Boolean] whether it wants nothing
      def none?
        preview1.empty? && preview2.empty?
      end
    end
    private_constant :Needs
  end
end
