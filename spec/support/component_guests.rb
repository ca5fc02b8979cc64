# frozen_string_literal: true

require_relative "component_abi"

# Components that take a value of a WIT type and give it back: `echo` through the host function `host`, and `same` through the guest's memory alone.
module ComponentGuests
  # Memory and a realloc that only ever goes on; each call's end resets it. Below 16 bytes lies nothing, the value a call gives lies from there on.
  LIBC = <<~WAT
    (core module $libc
      (memory (export "memory") 1)
      (global $end (mut i32) (i32.const %<heap>d))
      (func (export "reset") (global.set $end (i32.const %<heap>d)))
      (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $end) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
        (global.set $end (i32.add (local.get $at) (local.get $new)))
        (loop $more (if (i32.gt_u (global.get $end) (i32.mul (memory.size) (i32.const 65536)))
          (then (br_if $more (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0))) unreachable)))
        (memory.copy (local.get $at) (local.get $old)
          (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))
        (local.get $at)))
    (core instance $libc (instantiate $libc))
  WAT
  RESULT = 16
  NAMED = %i[record variant enum flags].freeze
  MEMORY = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))'

  class << self
    # @param type [Symbol, Array] the description of a WIT type
    # @return [String] a component that imports `host` and exports `echo` and `same`, each a function of `x` of that type to the same type
    def echo(type)
      names = {}
      declarations = declare(type, names)
      spelled = spell(type, names)
      signature = %[(param "x" #{spelled}) (result #{spelled})]
      <<~WAT
        (component
          #{declarations.join("\n  ")}
          (import "host" (func $host #{signature}))
          #{libc(type).gsub("\n", "\n  ")}
          (core func $host (canon lower (func $host) #{MEMORY}))
          #{glue(type).gsub("\n", "\n  ")}
          (func (export "echo") #{signature} (canon lift (core func $glue "echo") #{MEMORY} (post-return (core func $glue "done"))))
          (func (export "same") #{signature} (canon lift (core func $glue "same") #{MEMORY} (post-return (core func $glue "done"))))
        )
      WAT
    end

    # @return [String] the type as WIT writes it; records, variants, enums and flags whole
    def wit(type)
      return type.name.tr("_", "-") if type.is_a?(Symbol)

      case type
      in [:record, fields] then "record { #{fields.map { |name, field| "#{name}: #{wit(field)}" }.join(', ')} }"
      in [:variant, cases] then "variant { #{cases.map { |name, payload| payload ? "#{name}(#{wit(payload)})" : name }.join(', ')} }"
      in [:enum | :flags => kind, names] then "#{kind} { #{names.join(', ')} }"
      in [:tuple, types] then "tuple<#{types.map { |one| wit(one) }.join(', ')}>"
      in [:result, nil, nil] then "result"
      in [:result, ok, nil] then "result<#{wit(ok)}>"
      in [:result, ok, error] then "result<#{ok ? wit(ok) : '_'}, #{wit(error)}>"
      in [kind, *types] then "#{kind}<#{types.map { |one| wit(one) }.join(', ')}>"
      end
    end

    private

    # Records, variants, enums and flags have to be named where a function that is imported or exported uses them: each becomes a type import that
    # is equal to its definition, those inside of it first.
    def declare(type, names)
      return [] if !type.is_a?(Array) || names.key?(type)

      inner = inside(type).flat_map { |one| declare(one, names) }
      return inner unless NAMED.include?(type[0])

      id = names[type] = "t#{names.size}"
      [*inner, "(type $#{id}-definition #{define(type, names)})", %[(import "#{id}" (type $#{id} (eq $#{id}-definition)))]]
    end

    def inside(type)
      case type
      in [:record | :variant, members] then members.filter_map(&:last)
      in [:tuple, types] then types
      in [:enum | :flags, _] then []
      in [_, *types] then types.compact
      end
    end

    def define(type, names)
      case type
      in [:record, fields] then "(record #{fields.map { |name, field| %[(field "#{name}" #{spell(field, names)})] }.join(' ')})"
      in [:variant, cases] then "(variant #{cases.map { |name, payload| %[(case "#{name}"#{" #{spell(payload, names)}" if payload})] }.join(' ')})"
      in [kind, members] then "(#{kind} #{members.map(&:dump).join(' ')})"
      end
    end

    # The type as WAT writes it where it is used.
    def spell(type, names)
      return type.name.tr("_", "-") if type.is_a?(Symbol)
      return "$#{names.fetch(type)}" if NAMED.include?(type[0])

      case type
      in [:tuple, types] then "(tuple #{types.map { |one| spell(one, names) }.join(' ')})"
      in [:result, ok, error] then "(result#{" #{spell(ok, names)}" if ok}#{" (error #{spell(error, names)})" if error})"
      in [kind, *types] then "(#{kind} #{types.map { |one| spell(one, names) }.join(' ')})"
      end
    end

    def libc(type)
      format(LIBC, heap: ComponentAbi.up(RESULT + ComponentAbi.size(type), 16))
    end

    def glue(type)
      flat = ComponentAbi.flat(type)
      params = flat.size > ComponentAbi::MAX_PARAMS ? %w[i32] : flat
      result = flat.size > 1 ? "i32" : flat.first
      <<~WAT
        (core module $module
          (import "libc" "memory" (memory 1))
          (import "libc" "reset" (func $reset))
          (import "host" "host" (func $host (param #{params.join(' ')}#{' i32' if flat.size > 1})#{" (result #{result})" if flat.size == 1}))
          (func (export "done") (param #{result}) (call $reset))
          (func (export "echo") (param #{params.join(' ')}) (result #{result}) #{echoing(flat, params)})
          (func (export "same") (param #{params.join(' ')}) (result #{result}) (local $at i32) #{keeping(type, flat, params)}))
        (core instance $glue (instantiate $module (with "libc" (instance $libc)) (with "host" (instance (export "host" (func $host))))))
      WAT
    end

    def echoing(flat, params)
      gets = params.each_index.map { |index| "(local.get #{index})" }.join(" ")
      flat.size > 1 ? "(call $host #{gets} (i32.const #{RESULT})) (i32.const #{RESULT})" : "(call $host #{gets})"
    end

    # Many values come in memory already, a single one goes as it came, and what is between is stored as a value of the type.
    def keeping(type, flat, params)
      return "(local.get 0)" if params.size == 1

      values = flat.each_with_index.map { |core, index| ["(local.get #{index})", core] }
      "(local.set $at (i32.const #{RESULT})) #{ComponentAbi.store(type, values)} (local.get $at)"
    end
  end
end
