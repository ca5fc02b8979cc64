# frozen_string_literal: true

require_relative "host_ledger"

module Fuzz
  # Resources of a guest's and of the host's through random hands, and a book of each that the guests' own counts have to agree with: every one is
  # dropped once, whoever lets go of it.
  class Ledger
    include HostLedger

    OPERATIONS = (%i[make add sum merge merge_with_itself keep kept close close_again lose numbers refuse collect] + HostLedger::OPERATIONS).freeze

    # @param components [Array<Wasmtime::Component::Component>] those of {ResourceGuests}: COUNTERS and USER
    def initialize(random, components)
      @random = random
      engine = components.first.engine
      @store = Wasmtime::Store.new(engine)
      @guest = Wasmtime::Component::Linker.new(engine).instantiate(@store, components.first)
      @user = linker(engine).instantiate(@store, components.last)
      @numbers = {}.compare_by_identity
      @closed = []
      @dropped = @lost = @made = 0
      @kept = @kept_item = nil
    end

    # Operations on a stack of their own, so that what is lost is found.
    def run(steps)
      thread = Thread.new { steps.times { step } }
      thread.report_on_exception = false
      thread.value
      closed_at_end
    rescue Wasmtime::Error, TypeError, ArgumentError, RangeError => e
      raise "the ledger met #{e.class}: #{e.message}\n#{e.backtrace.first(5).join("\n")}"
    ensure
      thread.kill.join
      @store.close
    end

    private

    def step
      name = OPERATIONS[@random.rand(OPERATIONS.size)]
      __send__(name)
      drops = @guest.invoke("drops")
      check("#{name}: drops", drops.between?(@dropped, @dropped + @lost), drops)
      check("#{name}: the kept item", @kept_item.nil? || @kept_item.dropped.zero?, @kept_item)
    end

    # What nobody closed is dropped by the end of the store, which nobody counts: it is closed here. What was lost Ruby's collector finds.
    def closed_at_end
      kept if @kept
      item_back if @kept_item
      @numbers.each_key { |number| one_closed(number) }
      30.times do
        break if @guest.invoke("drops") == @dropped + @lost

        Thread.new { Array.new(50) { Object.new } }.join
        GC.start
      end
      check("drops at the end, #{@lost} of them lost", @guest.invoke("drops") == @dropped + @lost, @guest.invoke("drops"))
    end

    def check(what, fine, found)
      raise "#{what}: #{found.inspect}, when #{@dropped} were closed and #{@lost} lost" unless fine
    end

    def any
      @numbers.keys.sample(random: @random) || make
    end

    def add_number(resource, value)
      @numbers[resource] = value
      check("value", resource.value == value && resource.owned? && !resource.closed?, resource)
      resource
    end

    def make
      add_number(@guest["counter"].new(@made += 1), @made)
    end

    def add
      one = any
      check("sum", one.add_and_get(5) == (@numbers[one] += 5), one)
    end

    def sum
      one = any
      two = any
      check("sum of two", @guest["counter"].sum(one, two) == @numbers[one] + @numbers[two], [one, two])
    end

    def merge
      one = any
      two = make
      merged = @guest["counter"].merge(one, two)
      @closed = [one, two]
      @dropped += 2
      check("passed away", @closed.all?(&:closed?), @closed)
      add_number(merged, @numbers.delete(one) + @numbers.delete(two))
    end

    # Refused, and nothing is dropped by it.
    def merge_with_itself
      one = any
      refused { @guest["counter"].merge(one, one) }
      add_number(one, @numbers[one])
    end

    def keep
      kept if @kept
      one = any
      @guest.invoke("keep", one)
      @kept = @numbers.delete(one)
      check("kept by the guest", one.closed?, one)
    end

    def kept
      return unless @kept

      add_number(@guest.invoke("kept"), @kept)
      @kept = nil
    end

    def close
      one_closed(any)
    end

    def one_closed(one)
      @numbers.delete(one)
      @random.rand(2).zero? ? one.close : one.resource_drop
      @closed = [one]
      @dropped += 1
      check("closed", one.closed?, one)
    end

    def close_again
      @closed.each(&:close)
      @closed.each { |one| refused { one.resource_drop } && refused { one.value } }
    end

    def lose
      @lost += 1 if @numbers.delete(any)
    end

    def numbers
      count = @random.rand(10)
      all = @guest.invoke("numbers", count)
      check("numbers", all.size == count, all)
      all.each_with_index { |one, index| add_number(one, index) }
    end

    def refuse
      one = any
      refused { @user.invoke("look", one) } && refused { @guest.invoke("keep", Item.new(1, 0)) } && refused { @guest.invoke("keep", nil) }
      add_number(one, @numbers[one])
    end

    def refused
      found = yield
    rescue Wasmtime::Error, TypeError
      true
    else
      check("not refused", false, found)
    end

    def collect
      @random.rand(2).zero? ? GC.start : GC.compact
    end
  end
end
