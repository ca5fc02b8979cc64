# frozen_string_literal: true

module Fuzz
  # Changes of binaries, modules and components, which a seed decides.
  class Mutations
    # The ids of sections that are a module or a component of their own.
    NESTED = [1, 4].freeze
    COMPONENT = "\0asm\r\0\1\0".b.freeze
    # Words of the text format, and what each may be changed to: another one of its kind in the same text, or one of these.
    WORDS = {
      /(?<=[ (])[su](?:8|16|32|64)(?=[ )])|(?<=[ (])(?:f32|f64|bool|char|string)(?=[ )])/ => %w[u8 s8 u16 s64 u64 f32 f64 bool char string],
      /(?<= )\d+(?=[ )])/ => %w[0 1 2 16 65535 65536 131072 4294967295],
      /(?<= )\$[\w'-]+(?=[ )])/ => [],
      /(?<= )"[^"]*"(?=[ )])/ => ['""', '"a"', '"[method]counter.value"', '"a:b/c@1.0.0"'],
      /(?<=[ (])(?:list|option|own|borrow|tuple|result|param|error|case|field)(?=[ )])/ => %w[list option own borrow result],
      /(?<=\()i(?:32|64)\.\w+(?=[ )])/ => %w[i32.load i32.store i32.const i32.add],
      /(?<=[ (])i(?:32|64)(?=[ )])/ => %w[i32 i64 f32]
    }.freeze

    def initialize(random)
      @random = random
    end

    # Where the sections of a binary begin, so that mutations meet all of them and not only the code, which is the most of it. Those of what is in
    # a component too.
    # @return [Array<Integer>]
    def sections(bytes, from = 0, till = bytes.bytesize)
      component = bytes.byteslice(from, 8) == COMPONENT
      offsets = []
      at = from + 8
      while at < till
        offsets << at
        start, size = size_at(bytes, at + 1)
        return offsets unless size

        offsets.concat(sections(bytes, start, start + size)) if component && NESTED.include?(bytes.getbyte(at))
        at = start + size
      end
      offsets
    end

    # A few changes, close to the beginning of a section most often.
    def mutate(original, most: 4)
      bytes = original.dup
      offsets = sections(bytes)
      @random.rand(1..most).times do
        at = @random.rand(3).zero? ? @random.rand(bytes.bytesize) : offsets.sample(random: @random) + @random.rand(40)
        change(bytes, [at, bytes.bytesize - 1].min)
        break if bytes.bytesize < 9
      end
      bytes
    end

    # One or two words of a text for others.
    def reword(original)
      text = original.dup
      @random.rand(1..2).times do
        pattern, others = WORDS.to_a.sample(random: @random)
        found = text.to_enum(:scan, pattern).map { Regexp.last_match.offset(0) }
        next if found.empty?

        from, till = found.sample(random: @random)
        text[from...till] = (text.scan(pattern) + others).sample(random: @random)
      end
      text
    end

    private

    # The number that says how long a section is, and where it ends.
    def size_at(bytes, at)
      size = shift = 0
      loop do
        byte = bytes.getbyte(at) or return
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        return [at, size] if byte < 0x80
      end
    end

    def change(bytes, at)
      return bytes.slice!(at..) if @random.rand(100) >= 97

      case @random.rand(6)
      when 0 then bytes.setbyte(at, @random.rand(256))
      when 1 then bytes.setbyte(at, bytes.getbyte(at) ^ (1 << @random.rand(8)))
      when 2 then bytes.setbyte(at, [0x00, 0x7F, 0x80, 0xFF, 0x40].sample(random: @random))
      when 3 then bytes[at, @random.rand(1..8)] = ""
      when 4 then bytes[at, 0] = @random.bytes(@random.rand(1..8))
      else bytes[at, 0] = bytes.byteslice(@random.rand(bytes.bytesize), @random.rand(1..64))
      end
    end
  end
end
