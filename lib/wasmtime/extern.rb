# frozen_string_literal: true

module Wasmtime
  # What a module imports or exports: a {Func}, {Memory}, {Table}, {Global}, {Tag} or {SharedMemory}. The objects are their own externs;
  # the conversions return the object itself, or raise for another kind.
  module Extern
    # @param gvl [Boolean, nil] false (or nil) gives a Func that gives up Ruby's global lock while it runs, so that other Ruby threads go on
    # @return [Func] the function itself; with `gvl: false` another Func for the same function
    # @raise [ConversionError] for another kind of item
    def to_func(gvl: true)
      _convert(Func)
      gvl || _released? ? self : _released
    end

    # @return [Memory] the memory itself
    # @raise [ConversionError] for another kind of item
    def to_memory
      _convert(Memory)
    end

    # @return [Table] the table itself
    # @raise [ConversionError] for another kind of item
    def to_table
      _convert(Table)
    end

    # @return [Global] the global itself
    # @raise [ConversionError] for another kind of item
    def to_global
      _convert(Global)
    end

    # @return [Tag] the tag itself
    # @raise [ConversionError] for another kind of item
    def to_tag
      _convert(Tag)
    end

    # @return [SharedMemory] the memory itself
    # @raise [ConversionError] for another kind of item
    def to_shared_memory
      _convert(SharedMemory)
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<#{self.class}#{_inspect_type}>"
    end

    private

    def _convert(kind)
      return self if is_a?(kind)

      raise ConversionError, "cannot convert #{self.class} to #{kind}"
    end

    # A closed store has no types any more, and inspect must never raise.
    def _inspect_type
      " #{type}"
    rescue Error
      " (store closed)"
    end
  end
end
