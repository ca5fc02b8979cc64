# frozen_string_literal: true

module Wasmtime
  module Component
    # Makes types of what native code says about them: nested Arrays that begin with a kind.
    # @api private
    module Types
      class << self
        # @param desc [Symbol, Array] a type of values, or what a component imports or exports
        # @return [Symbol, Type, ResourceType, Wasmtime::FuncType]
        def from_desc(desc)
          return desc if desc.is_a?(Symbol)

          kind, *parts = desc
          case kind
          when :list then ListType.new(from_desc(*parts))
          when :fixed_length_list then ListType.new(from_desc(*parts), fixed_length: true)
          when :map then MapType.new(*all(parts))
          when :record then RecordType.new(members(*parts))
          when :tuple then TupleType.new(all(*parts))
          when :variant then VariantType.new(members(*parts))
          when :enum then EnumType.new(*parts)
          when :option then OptionType.new(from_desc(*parts))
          when :result then ResultType.new(*all(parts))
          when :flags then FlagsType.new(*parts)
          when :own then OwnType.new(*parts)
          when :borrow then BorrowType.new(*parts)
          when :future then FutureType.new(perhaps(*parts))
          when :stream then StreamType.new(perhaps(*parts))
          else item(kind, parts)
          end
        end

        private

        def item(kind, parts)
          case kind
          when :func then func(*parts)
          when :instance then InstanceType.new(members(*parts))
          when :component then ComponentType.new(*parts.map { |named| members(named) })
          when :module then core_module(*parts)
          when :resource then parts.first
          when :core_func then Wasmtime::FuncType._from_desc(parts)
          when :type then from_desc(*parts)
          else raise ArgumentError, "unknown kind of type: #{kind.inspect}"
          end
        end

        def func(params, result, async)
          FuncType.new(members(params), perhaps(result), async: async)
        end

        def core_module(imports, exports)
          ModuleType.new(imports.map { |mod, name, desc| ImportType.new(mod, name, ExternType._from_desc(desc)) },
                         exports.map { |name, desc| ExportType.new(name, ExternType._from_desc(desc)) })
        end

        def members(pairs)
          pairs.to_h.transform_values { |desc| perhaps(desc) }
        end

        def all(descs)
          descs.map { |desc| perhaps(desc) }
        end

        def perhaps(desc)
          desc.nil? ? nil : from_desc(desc)
        end
      end
    end
    private_constant :Types
  end
end
