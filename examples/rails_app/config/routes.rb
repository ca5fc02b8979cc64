# frozen_string_literal: true

Rails.application.routes.draw do
  # The body of the request is what the plugin gets, the body of the response what it gives.
  post "plugins/:name", to: "plugins#create", constraints: { name: /slug|redact|spin|hoard/ }
end
