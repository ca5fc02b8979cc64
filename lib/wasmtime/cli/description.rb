# frozen_string_literal: true

require "json"

module Wasmtime
  module CLI
    # What there is to say about a module or component: as text for people, and as JSON for machines.
    # @api private
    class Description
      # What exports say of how something is meant to be used.
      ROLES = {
        /\A_start\z/ => "command", /\A_initialize\z/ => "reactor", %r{\Awasi:cli/run@} => "command",
        %r{\Awasi:http/incoming-handler@} => "http handler"
      }.freeze

      # @param source [Source]
      # @param compiled [Module, Component::Component] with the imports and exports of the source
      # @param name [String, nil] what it calls itself
      # @param features [Array<String>] proposals it needs
      # @param refusal [String, nil] why the default engine does not take it
      def initialize(source, compiled, name:, features:, refusal:)
        @source = source
        @compiled = compiled
        @name = name&.scrub("?")
        @features = features
        @refusal = refusal
        @component = source.component?
        @imports = compiled.imports
        @exports = compiled.exports
        @needs = @component ? Needs.of_component(@imports.keys) : Needs.of_module(@imports)
      end

      # @return [String]
      def to_s
        [head, "size: #{@source.size} bytes", features, *wasi, *(@component ? wit : wat)].join("\n")
      end

      # @return [String]
      def to_json(*)
        JSON.pretty_generate(
          { file: Sentence.printable(@source.path), kind: kind, format: @source.text? ? "text" : "binary", role: role, name: @name,
            size: @source.size, features: @features, default_engine: @refusal.nil?, wasi: wasi_json, permissions: @needs.permissions,
            **(@component ? component_json : module_json) }
        )
      end

      private

      def kind
        @component ? "component" : "module"
      end

      def role
        names = @component ? @exports.keys : @exports.map(&:name)
        ROLES.find { |pattern, _| names.any? { |name| name.match?(pattern) } }&.last || "library"
      end

      def head
        named = " named #{Sentence.printable(@name).inspect}" if @name
        form = " in the text format" if @source.text?
        "#{Sentence.printable(@source.path)}: a #{kind}#{named}#{form}, a #{role}"
      end

      def features
        list = @features.empty? ? "none beyond WebAssembly 1.0" : @features.join(", ")
        "features: #{list}#{"\n  refused by the default engine: #{Sentence.lines(@refusal)}" if @refusal}"
      end

      def wasi
        return ["wasi: none"] if @needs.none?

        [*groups("preview 1", @needs.preview1), *groups("preview 2", @needs.preview2),
         "permissions it hints at:", *@needs.permissions.map { |name| "  #{name.ljust(12)} #{Needs::HINTS[name]}" }]
      end

      def groups(preview, groups)
        ["wasi: #{preview}", *groups.map { |name, members| "  #{name.ljust(12)} #{members.join(' ')}" }] unless groups.empty?
      end

      def wat
        [*listed("imports", @imports), *listed("exports", @exports)]
      end

      def listed(what, items)
        ["#{what}: #{items.size}", *items.map { |item| "  #{item}" }]
      end

      def wit
        ["imports: #{@imports.size}", "exports: #{@exports.size}", Sentence.printable(@compiled.type.to_s, "\n")]
      end

      def wasi_json
        { preview1: @needs.preview1, preview2: @needs.preview2 }
      end

      def module_json
        { imports: @imports.map { |import| { module: import.module, name: import.name, type: import.type.to_s } },
          exports: @exports.map { |export| { name: export.name, type: export.type.to_s } } }
      end

      def component_json
        { imports: @imports.keys, exports: @exports.keys, wit: @compiled.type.to_s }
      end
    end
    private_constant :Description
  end
end
