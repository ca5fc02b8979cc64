# frozen_string_literal: true

module Wasmtime
  module Testing
    # Counts the stores that an example opened and did not close.
    # @api private
    class LeakWatch
      OWN_CODE = File.expand_path("..", __dir__)
      VARIABLE = :wasmtime_leak_watch
      LOCK = Mutex.new
      # How many are named in a message.
      NAMED = 5

      # Sees stores being made.
      module Opened
        def new(...)
          place = caller_locations(1, 1).first
          super(...).tap { |store| LeakWatch.opened(store, place) }
        end
      end

      # Sees stores being closed.
      module Closed
        def close
          super.tap { LeakWatch.closed(self) }
        end
      end

      @active = []

      class << self
        # @return [LeakWatch] what the current thread opens from now on counts
        def start
          watch = new
          LOCK.synchronize do
            install unless Store.include?(Closed)
            @active << watch
          end
          Thread.current.thread_variable_set(VARIABLE, watch)
          watch
        end

        def opened(store, place)
          return if place.absolute_path&.start_with?("#{OWN_CODE}/")

          LOCK.synchronize { watch&.add(store.object_id, place) }
        end

        def closed(store)
          LOCK.synchronize { @active.each { |watch| watch.remove(store.object_id) } }
        end

        def stop(watch)
          LOCK.synchronize { @active.delete(watch) }
          Thread.current.thread_variable_set(VARIABLE, nil)
        end

        private

        # From then on each new store costs a microsecond more; without a watch nothing is changed.
        def install
          Store.singleton_class.prepend(Opened)
          Store.prepend(Closed)
        end

        def watch
          Thread.current.thread_variable_get(VARIABLE) || (@active.first if @active.size == 1)
        end
      end

      def initialize
        @open = {}
      end

      def add(id, place)
        @open[id] = place
      end

      def remove(id)
        @open.delete(id)
      end

      # Ends the watch.
      # @return [Array(String, Array<String>), nil] a message and the places that opened stores, as a backtrace; nil for nothing
      def finish
        LeakWatch.stop(self)
        return if @open.empty?

        counts = @open.values.map { |place| "#{place.path}:#{place.lineno}" }.tally
        places = counts.map { |place, count| count > 1 ? "  #{place} (#{count} times)" : "  #{place}" }
        more = ["  and #{places.size - NAMED} more places"] if places.size > NAMED
        [message(places, more), @open.values.map(&:to_s).uniq]
      end

      private

      def message(places, more)
        ["#{@open.size == 1 ? 'a store was' : "#{@open.size} stores were"} opened and not closed, at", *places.first(NAMED), *more,
         "Close it (Store#close), open it with a block (Store.open), or let wasm_instance do both."].join("\n")
      end
    end
    private_constant :LeakWatch
  end
end
