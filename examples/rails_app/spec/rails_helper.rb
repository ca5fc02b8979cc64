# frozen_string_literal: true

ENV["RAILS_ENV"] ||= "test"
ENV["PII_SALT"] ||= "pepper" # so that marks of the redactor are known
require_relative "../config/environment"
require "rspec/rails"

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.order = :random
end
