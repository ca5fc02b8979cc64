# frozen_string_literal: true

require_relative "assertions"
require_relative "instances"

module Conformance
  # Runs the commands of a script one after the other.
  class Commands
    ASSERTIONS = Assertions.public_instance_methods(false).grep(/\Aassert_/).map(&:name).freeze
    ACTIONS = %w[invoke get].freeze
    KNOWN = (%w[module component register thread wait] + ACTIONS + ASSERTIONS).freeze
    # What may go wrong in a command without ending the run; a thread of a script is no exception.
    ERRORS = [StandardError, ScriptError, SystemStackError, NoMemoryError].freeze

    # @param reader [Reader]
    # @param instances [Instances]
    # @param report [#start, #finish] told the line before each command, and its outcome
    def initialize(reader, instances, report)
      @reader = reader
      @instances = instances
      @report = report
      @threads = {}
    end

    # @param lists [Array<List>]
    def run(lists)
      lists.each { |list| command(list) }
    ensure
      @threads.each_value(&:join)
    end

    private

    def command(list)
      line = @reader.line(list.offset)
      @report.start(line)
      @report.finish(outcome(list, line))
    end

    def outcome(list, line)
      perform(list)
      Outcome.new(line)
    rescue Mismatch => e
      Outcome.new(line, e.expected, e.got)
    rescue *ERRORS => e
      Outcome.new(line, "#{list.head || 'a command'} to succeed", "#{e.class}: #{e.message}")
    end

    def perform(list)
      case list.head
      when "module", "component" then add_module(list)
      when "register" then register(*list.rest)
      when "thread" then thread(*list.rest)
      when "wait" then wait(*list.rest)
      when *ACTIONS then Action.new(@reader, @instances).perform(list)
      when *ASSERTIONS then Assertions.new(@reader, @instances).public_send(list.head, *list.rest)
      else raise Malformed, "#{list.head.inspect} is no command"
      end
    end

    def add_module(list)
      return add_instance(*list.rest.drop(1)) if list.items[1].is_a?(Word) && list.items[1].text == "instance"

      source = ModuleSource.new(@reader, list)
      source.definition? ? @instances.define(source) : @instances.add(source.id) { @instances.define(source) }
    end

    def add_instance(name = nil, definition = nil)
      @instances.add(name&.text) { @instances.definition(definition&.text) }
    end

    def register(import_name, name = nil)
      @instances.register(import_name.bytes.dup.force_encoding(Encoding::UTF_8), name&.text)
    end

    def thread(name, *lists)
      shared = lists.take_while { |list| list.head == "shared" }.flat_map { |list| list.rest.map { |mod| mod.items[1].text } }
      commands = Commands.new(@reader, @instances.for_thread(shared), @report)
      @threads[name.text] = Thread.new { commands.run(lists.reject { |list| list.head == "shared" }) }
    end

    def wait(name)
      thread = @threads.delete(name.text) || raise(Malformed, "there is no thread #{name.text}")
      thread.join
    end
  end
end
