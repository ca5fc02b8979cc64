# frozen_string_literal: true

module Wasmtime
  # Ruby's implicit conversions, for arguments that may be "like" a String or an Array.
  class << self
    # @api private
    def _string(value)
      String.try_convert(value) || raise(TypeError, "no implicit conversion of #{_class_of(value)} into String")
    end

    # @api private
    def _array(value)
      Array.try_convert(value) || raise(TypeError, "no implicit conversion of #{_class_of(value)} into Array")
    end

    # A name of a module, import or export: a Symbol or a String. One in UTF-16 or the like would not compare with any other.
    # @api private
    def _name(value)
      name = value.is_a?(Symbol) ? value.name : _string(value)
      name.encoding.ascii_compatible? ? name : name.encode(Encoding::UTF_8)
    end

    # Native code checks most arguments; this is for those lib/ uses first.
    # @api private
    def _check(value, kind)
      raise TypeError, "no implicit conversion of #{value.class} into #{kind}" unless value.is_a?(kind)
    end

    private

    def _class_of(value)
      case value
      when nil, true, false then value.inspect
      else value.class
      end
    end
  end
end
