# frozen_string_literal: true

require "wasmtime"
require "json"
require "open3"

# Measures operations in nanoseconds and compares them with their floors: the same operation without this gem, in the same run. A script
# under bench/ prints its rows with {Bench.row}; `rake bench` runs them all.
module Bench
  ROUNDS = 5
  # Nanoseconds a round should take.
  ROUND = 60_000_000
  ROOT = File.expand_path("..", __dir__)
  # Names the file that takes the rows instead of the screen.
  ROWS = "WASMTIME_RB_BENCH_ROWS"
  FLOOR = File.join(ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target")), "release/examples/floor")

  # A row of the table. The bar is a ratio to the floor, whose kind `of` tells.
  Row = Struct.new(:name, :ours, :floor, :bar, :of) do
    def ratio
      ours / floor
    end

    def met?
      ratio <= bar
    end

    # The faster of each: what both had to do was the same.
    def best(other)
      self.class.new(name, [ours, other.ours].min, [floor, other.floor].min, bar, of)
    end

    def dump
      "#{JSON.generate(to_a)}\n"
    end

    def self.load(line)
      new(*JSON.parse(line))
    end

    def to_s
      format("%-46s %12.1f %12.1f %7.2f %7.2f  %-4s  %s", name, ours, floor, ratio, bar, met? ? "ok" : "MISS", of)
    end
  end
  HEADER = format("%-46s %12s %12s %7s %7s  %-4s  %s", "nanoseconds per operation", "ours", "floor", "ratio", "bar", "", "floor of").freeze

  class << self
    # Prints a row as soon as it is measured, or gives it to bench/run.rb; ONLY=pattern leaves out the others.
    # @yieldreturn [Array(Float, Float)] ours and the floor
    def row(name, bar:, of:)
      return unless name.include?(ENV.fetch("ONLY", ""))

      row = Row.new(name, *yield, bar, of)
      return File.write(ENV.fetch(ROWS), row.dump, mode: "a") if ENV.key?(ROWS)

      header
      puts row
      $stdout.flush
    end

    # Nanoseconds for each code in a plain while loop, the loop included. Rounds take turns, so that what disturbs one disturbs all. Code sees
    # the locals and `index`.
    def race(*codes, **locals)
      runners = codes.map { |code| runner(code, locals.keys) }
      counts = runners.map { |runner| count_for { |count| runner.run(count, *locals.values) } }
      rounds = Array.new(ROUNDS) do
        runners.zip(counts).map { |runner, count| measure { runner.run(count, *locals.values) }.fdiv(count) }
      end
      rounds.transpose.map(&:min)
    end

    def time(code, **locals)
      race(code, **locals).first
    end

    # A call and its floor: the C loop's row of that name, if any, and an empty C method in the same Ruby loop.
    def call(code, c_loop = nil, **locals)
      raise "Object#itself is no C method in this Ruby" if Object.instance_method(:itself).source_location

      ours, c_method = race(code, "object.itself", object: Object.new, **locals)
      [ours, c_method + (c_loop ? c_loop(c_loop) : 0)]
    end

    # Nanoseconds for one of `count` operations, the best of several rounds after a warming one.
    def best(&)
      count = count_for(&)
      Array.new(ROUNDS) { measure { yield count }.fdiv(count) }.min
    end

    # ext/wasmtime_rb/examples/floor.rs, run when a row first needs one of its names.
    def c_loop(name, *arguments)
      @c_loops ||= {}
      @c_loops[name] ||= run_floor(name, arguments)
    end

    private

    def run_floor(name, arguments)
      abort "#{FLOOR} is missing: `rake bench:floor` builds it." unless File.executable?(FLOOR)
      output, status = Open3.capture2(FLOOR, name, *arguments)
      abort "The floor program failed for #{name.inspect}." unless status.success?
      output.lines.to_h { |line| line.chomp.split("\t") }.fetch(name).to_f
    end

    # Compiled as a method: a block would reach its locals the long way. With frozen literals, as most files have them.
    def runner(code, names)
      Object.new.tap do |runner|
        runner.instance_eval(<<~RUBY, __FILE__, __LINE__ + 1)
          # frozen_string_literal: true
          def run(#{[:count, *names].join(', ')})  # def run(count, func)
            index = 0                              #   index = 0
            while index < count                    #   while index < count
              #{code}                              #     func.call
              index += 1                           #     index += 1
            end                                    #   end
          end                                      # end
        RUBY
      end
    end

    # How many operations fill a round.
    def count_for
      count = 1
      count *= 2 while (taken = measure { yield count }) < ROUND / 8
      [(count * ROUND.fdiv(taken)).to_i, 1].max
    end

    def measure
      GC.start
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
      yield
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start
    end

    def header
      puts HEADER unless @header
      @header = true
    end
  end
end
