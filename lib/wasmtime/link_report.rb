# frozen_string_literal: true

module Wasmtime
  # Explains a failed link: every import that is missing or does not match, with the signature expected, what was given and close names.
  # @api private
  module LinkReport
    WASI_ADVICE = "the module is a WASI program: define its functions with Wasmtime::WASI::P1.add_to_linker_sync(linker), instantiate it with " \
                  "the linker, and give the store a WasiConfig"

    module_function

    # @param imports [Array<ImportType>] what the module asks for
    # @param items [Array<Object, nil>] what was found for each
    # @param given [Imports, nil] where it was looked for
    # @param reason [String, nil] what Wasmtime said
    # @return [LinkError]
    def error(imports, items, given = nil, reason = nil)
      lines = imports.zip(items).filter_map { |import, item| line(import, item, given) }
      lines << "  #{reason}" if lines.empty? && reason
      lines << WASI_ADVICE if imports.zip(items).any? { |import, item| item.nil? && import.module == "wasi_snapshot_preview1" }
      LinkError.new("cannot link the module:\n#{lines.join("\n")}")
    end

    def line(import, item, given)
      name = "#{import.module.inspect} #{import.name.inspect}"
      return "  missing import #{name}: expected #{import.type}#{hint(import, given)}" if item.nil?

      found = describe(item)
      "  import #{name}: expected #{import.type}, given #{found}" unless found.nil? || fits?(import.type, item)
    end

    # Whether native code refused the imports before anything ran: what a host block of a start function raises comes from deeper.
    def native?(error)
      error.instance_of?(Error) && error.message.include?("import") &&
        %w[_new _instantiate _instantiate_pre].include?(error.backtrace_locations&.first&.base_label)
    end

    # The type of an item; globals and tables tell only the type of what they hold.
    def type_of(item)
      case item
      when Global then GlobalType.new(item.type, mutable: item.var?)
      when Table then TableType.new(item.type, item.min_size, item.max_size, table64: item.table64?)
      else item.type
      end
    end

    def describe(item)
      item.is_a?(Extern) ? type_of(item).to_s : "#{item.class} (no function, memory, table, global or tag, and it has no `call`)"
    end

    # Whether an item has the type asked for, as far as Ruby can tell.
    def fits?(type, item)
      return false unless item.is_a?(Extern)

      actual = type_of(item)
      return false unless actual.instance_of?(type.class)

      case type
      when MemoryType, TableType then limits_fit?(type, actual, item)
      else type == actual
      end
    end

    def limits_fit?(type, actual, item)
      return false unless traits(type) == traits(actual)

      item.size >= type.min_size && (type.max_size.nil? || (!actual.max_size.nil? && actual.max_size <= type.max_size))
    end

    # What must be the same besides the limits.
    def traits(type)
      type.is_a?(TableType) ? [type.type, type.table64?] : [type.memory64?, type.shared?, type.page_size]
    end

    def hint(import, given)
      return "" unless given

      names = given.names(import.module)
      if names.empty?
        near = DidYouMean::SpellChecker.new(dictionary: given.module_names).correct(import.module).first
        return near ? ", did you mean the module #{near.inspect}?" : ""
      end
      near = DidYouMean::SpellChecker.new(dictionary: names).correct(import.name).first
      near && near != import.name ? ", did you mean #{near.inspect}?" : ""
    end
  end
  private_constant :LinkReport
end
