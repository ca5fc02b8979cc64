# frozen_string_literal: true

module Wasmtime
  module Testing
    # What a module, a component or an instance imports or exports, by path: `["add"]`, `["env", "log"]`, `["wasi:cli/run@0.2.0", "run"]`.
    # @api private
    class FunctionList
      # How many a message lists.
      LISTED = 20

      class << self
        # @return [FunctionList, nil] nil for what has no exports
        def exports(subject)
          case subject
          when Module then new(subject.exports.to_h { |export| [[export.name], export.type] })
          when Instance then new(subject.exports.to_h { |name, item| [[name], item.is_a?(Func) ? item.type : item] })
          when Component::Component, Component::Instance, Component::ExportedInstance then new(flat(subject.exports))
          end
        end

        # @return [FunctionList, nil] nil for what has no imports
        def imports(subject)
          case subject
          when Module then new(subject.imports.to_h { |import| [[import.module, import.name], import.type] })
          when Component::Component then new(flat(subject.imports))
          when Component::Instance then imports(subject.component)
          end
        end

        private

        def flat(items, path = [])
          items.each_with_object({}) do |(name, type), found|
            found[[*path, name]] = type
            found.merge!(flat(type.exports, [*path, name])) if type.is_a?(Component::InstanceType)
          end
        end
      end

      # @param items [Hash{Array<String> => Object}]
      def initialize(items)
        @items = items
      end

      # Versions may be left out where that leaves no doubt, and underscores stand for hyphens, as in {Component::Exports#[]}.
      # @param path [Array<String>]
      # @return [Array(Array<String>, Object), nil] the path it has, and its type
      def find(path)
        return [path, @items[path]] if @items.key?(path)

        near = @items.select { |key, _type| similar?(key, path) }
        near.first if near.size == 1
      end

      # @return [Boolean]
      def function?(type)
        type.is_a?(FuncType) || type.is_a?(Component::FuncType)
      end

      # @return [Array<String>] every function with its type
      def texts
        functions.map { |path, type| Signature.text(path, *Signature.parts(type)) }
      end

      # @return [String] the same as the end of a message
      def list
        lines = texts
        more = ["and #{lines.size - LISTED} more"] if lines.size > LISTED
        [*lines.first(LISTED), *more].map { |line| "\n  #{line}" }.join
      end

      # @return [String, nil]
      def near(path)
        DidYouMean::SpellChecker.new(dictionary: functions.keys.map { |key| key.join(".") }).correct(path.join(".")).first
      end

      private

      def functions
        @items.select { |_path, type| function?(type) }
      end

      def similar?(key, path)
        return false unless key.any? { |name| name.match?(/[-@]/) }

        key.size == path.size && key.zip(path).all? do |name, wanted|
          [name, name[/\A[^@]+/]].any? { |one| one&.tr("-", "_") == wanted.tr("-", "_") }
        end
      end
    end
    private_constant :FunctionList
  end
end
