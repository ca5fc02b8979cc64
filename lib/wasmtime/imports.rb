# frozen_string_literal: true

module Wasmtime
  # Turns what a program gives as imports into what a module asks for: `{ "env" => { log: callable, memory: memory } }`, a plain Ruby object
  # per module name whose public methods answer the names, or an Array in the module's order.
  # @api private
  class Imports
    # Owners of methods every object has: a host object offers none of them.
    BASIC_OWNERS = [Object, Kernel, BasicObject].freeze
    # How native code hands the Caller to a block.
    CALLER_FIRST = 0
    CALLER_NONE = 1

    # @return [Proc, nil] the callable as a Proc
    def self.to_proc(callable)
      case callable
      when Proc then callable
      when Method then callable.to_proc
      else callable.method(:call).to_proc if callable.respond_to?(:call)
      end
    end

    # What native code is to call for a callable with `count` arguments, and how. Only one that names the keyword `caller:` is given the Caller.
    # @return [Array(Proc, Integer), nil]
    def self.host_block(callable, count)
      block = to_proc(callable) or return
      named = block.parameters.any? { |kind, name| name == :caller && %i[key keyreq].include?(kind) }
      named ? [CallerBlock.forward(block, count), CALLER_FIRST] : [block, CALLER_NONE]
    end

    # @param given [Hash, Object] what the program gave
    def initialize(given)
      @given = self.class.normalize(given)
    end

    # @return [Hash{String => Object}] with String keys
    def self.normalize(given)
      raise TypeError, "imports: expected an Array or a Hash, got #{given.class}" unless given.respond_to?(:to_hash)

      given.to_hash.to_h { |name, items| [Wasmtime._name(name), normalize_items(items)] }
    end

    def self.normalize_items(items)
      items.respond_to?(:to_hash) ? items.to_hash.transform_keys { |name| Wasmtime._name(name) } : items
    end
    private_class_method :normalize_items

    # @return [Object, nil] the item given for an import
    def find(module_name, name)
      items = @given[module_name]
      case items
      when nil then nil
      when Hash then items[name]
      when Instance then items.export(name)
      else host_method(items, name)
      end
    end

    # @return [Boolean] whether anything is given for an import
    def given?(module_name, name)
      !find(module_name, name).nil?
    end

    # Every name given under a module, for "did you mean".
    # @return [Array<String>]
    def names(module_name)
      items = @given[module_name]
      case items
      when nil then []
      when Hash then items.keys
      when Instance then items.exports.keys
      else items.public_methods.map(&:name)
      end
    end

    # @return [Array<String>] the module names given
    def module_names
      @given.keys
    end

    # @yieldparam module_name [String]
    # @yieldparam name [String]
    # @yieldparam item [Object]
    def each_item
      @given.each do |module_name, items|
        case items
        when Hash then items.each { |name, item| yield module_name, name, item }
        when Instance then items.exports.each { |name, item| yield module_name, name, item }
        end
      end
    end

    # The items for a module's imports, in order.
    # @return [Array<Extern>]
    # @raise [LinkError] listing every import that is missing or of another kind
    def resolve(store, mod)
      imports = mod.imports
      items = imports.each_with_index.map { |import, index| item_for(store, mod, import, index) }
      raise LinkReport.error(imports, items, self) unless items.all?(Extern)

      items
    end

    private

    def item_for(store, mod, import, index)
      found = find(import.module, import.name)
      return found if found.nil? || found.is_a?(Extern) || !import.type.is_a?(FuncType)

      block, mode = self.class.host_block(found, import.type.params.size)
      block ? Func.__send__(:_for_import, store, mod, index, block, mode) : found
    end

    def host_method(object, name)
      [name, name.tr("-", "_")].each do |candidate|
        next unless object.respond_to?(candidate)

        method = object.public_method(candidate)
        return method unless BASIC_OWNERS.include?(method.owner)
      end
      nil
    end
  end
  private_constant :Imports
end
