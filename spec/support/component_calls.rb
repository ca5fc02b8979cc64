# frozen_string_literal: true

require_relative "component_nestings"

# Calls of the components of {ComponentGuests}.
module ComponentCalls
  class << self
    # One that knows maps.
    def engine
      @engine ||= Wasmtime::Engine.new(wasm_component_model_map: true)
    end

    # The component of a type, compiled once.
    def component(type)
      (@components ||= {})[type] ||= Wasmtime::Component::Component.new(engine, ComponentGuests.echo(type))
    end
  end

  # An instance of the component of a type.
  # @param host [Proc] what the host function does, to give back what it is given when there is none
  def guest(type, options = {}, &host)
    linker = Wasmtime::Component::Linker.new(ComponentCalls.engine, **options)
    linker.root { |root| root.func_new("host", &host || ->(value) { value }) }
    linker.instantiate(Wasmtime::Store.new(ComponentCalls.engine), ComponentCalls.component(type))
  end

  # What a block raised: its class and what it says.
  def refusal
    yield
    "nothing was raised"
  rescue StandardError => e
    [e.class, e.message]
  end
end

RSpec.configure { |config| config.include(ComponentCalls, file_path: %r{spec/wasmtime/component/}) }
