# frozen_string_literal: true

# Each plugin of this application exports one function, of its own name.
class PluginsController < ActionController::API
  # The guest failed, or every instance was busy: the next request may well succeed.
  rescue_from Wasmtime::Plugin::GuestError, Wasmtime::Plugin::CheckoutTimeout do |error|
    response.set_header("Retry-After", "1")
    render plain: "#{params[:name]}: #{error.class.name.demodulize}\n", status: :service_unavailable
  end

  def create
    name = params[:name]
    render plain: Wasmtime.plugins[name].call_bytes(name, request.raw_post)
  end
end
