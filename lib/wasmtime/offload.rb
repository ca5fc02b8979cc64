# frozen_string_literal: true

module Wasmtime
  # Threads that run calls for fibers whose store was made with `offload: true`, while a Fiber scheduler goes on with other fibers. What a thread
  # has of its own does not come along: thread-locals, fiber-locals, and a `catch` around the call.
  # @api private
  module Offload
    # Tells a host block that the fiber that called is gone.
    class Cancelled < StandardError
      def initialize
        super("the fiber that waited for this call was stopped")
      end
    end

    # A call on its way. The fiber is kept alive by it, because the job uses the fiber's stack.
    Call = Struct.new(:job, :fiber, :worker, :done) do
      def wait
        done.pop
      end

      # Ends what can be ended: a host block is raised into.
      def cancel
        worker.cancel(job)
      end

      def finish
        job.finish
        done << true
      end
    end

    # One thread, and the job it does.
    class Worker
      def initialize(pool)
        @pool = pool
        @calls = Thread::Queue.new
        @lock = Mutex.new
        @thread = Thread.new { work }
        @thread.name = "wasmtime offload"
        @thread.report_on_exception = false
      end

      def start(job)
        Call.new(job, Fiber.current, self, Thread::Queue.new).tap { |call| @calls << call }
      end

      def cancel(job)
        @lock.synchronize { @thread.raise(Cancelled) if @current.equal?(job) }
      end

      def alive?
        @thread.alive?
      end

      private

      def work
        Thread.handle_interrupt(Cancelled => :never) do
          loop do
            call = @calls.pop
            perform(call)
            call = nil # rubocop:disable Lint/UselessAssignment -- lets go of the fiber
            break unless @pool.give_back?(self)
          end
        end
      ensure
        # Somebody may have killed the thread.
        @calls.close
        @calls.pop.finish until @calls.empty?
      end

      def perform(call)
        @lock.synchronize { @current = call.job }
        cancellable { call.job.run }
      ensure
        @lock.synchronize { @current = nil }
        # What came too late must not meet the next job.
        cancellable { Thread.pass }
        call.finish
      end

      def cancellable(&)
        Thread.handle_interrupt(Cancelled => :immediate, &)
      rescue Cancelled
        nil
      end
    end

    # The threads of one Ractor in one process.
    class Pool
      # More jobs at a time wait for each other.
      MOST = 256
      # Threads that stay when there is nothing to do.
      KEPT = 16

      def initialize
        @pid = Process.pid
        @idle = Thread::Queue.new
        @size = 0
      end

      # Whether its threads are of this process.
      def here?
        @pid == Process.pid
      end

      # A worker that has nothing to do. Waits for one when there are too many.
      def worker
        until (worker = idle || (create if @size < MOST) || @idle.pop).alive?
          @size -= 1
        end
        worker
      end

      # Takes a worker back, or tells it to end.
      def give_back?(worker)
        if @idle.size < KEPT || @idle.num_waiting.positive?
          @idle << worker
        else
          @size -= 1
          false
        end
      end

      private

      def idle
        @idle.pop(true)
      rescue ThreadError
        nil
      end

      def create
        @size += 1
        Worker.new(self)
      end
    end

    # Begins a job for the current fiber.
    # @return [Call]
    def self.start(job)
      pool = Ractor.current[:wasmtime_offload]
      pool = Ractor.current[:wasmtime_offload] = Pool.new unless pool&.here?
      pool.worker.start(job)
    end
  end
  private_constant :Offload
end
