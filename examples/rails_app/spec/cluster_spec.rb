# frozen_string_literal: true

require_relative "support/cluster"

# Good plugins and bad ones, all at once, in two workers.
RSpec.describe "A Puma cluster" do
  # What is sent as request number n, and what has to come back.
  good = {
    "slug" => [->(n) { "Hello, World #{n}" }, ->(n) { "hello-world-#{n}" }],
    "redact" => [->(n) { "#{n}: password=hunter2secret42" }, ->(n) { "#{n}: password=[HIDDEN:578a8d]" }]
  }
  bad = %w[spin hoard]

  def self.request(good, plugin, n)
    [plugin, good.key?(plugin) ? good.fetch(plugin).first.call(n) : n.to_s]
  end

  slugs = Array.new(50) { |n| request(good, "slug", n) }
  storm = (good.keys + bad).cycle.first(200).each_with_index.map { |plugin, n| request(good, plugin, n) }

  # The answers that are neither right nor a clean 503.
  define_method(:wrong) do |answers|
    answers.each_with_index.reject do |answer, n|
      right = good[answer.plugin]&.last&.call(n)
      answer.status == 503 ? answer.body.match?(/\A#{answer.plugin}: (GuestError|CheckoutTimeout)\n\z/) : [answer.status, answer.body] == [200, right]
    end
  end

  def report(title, answers)
    lines = answers.group_by { |answer| "#{answer.plugin} #{answer.status}" }.sort.map do |kind, same|
      format("    %-12s %3d  median %.3f s  longest %.3f s", kind, same.size, median(same), same.map(&:seconds).max)
    end
    RSpec.configuration.reporter.message("  #{title}\n#{lines.join("\n")}")
  end

  def median(answers)
    answers.map(&:seconds).sort[answers.size / 2]
  end

  # While a block runs, clients of bad plugins ask again and again.
  # @return [Array] what the block gives, and the answers of those clients
  define_method(:among_bad_ones) do |cluster, &block|
    through = false
    answers = []
    clients = bad.cycle.first(8).map { |plugin| Thread.new { answers << cluster.ask(plugin, "x") until through } }
    [block.call, answers]
  ensure
    through = true
    clients.each(&:join)
  end

  it "answers every request rightly or with a clean 503 in time, loses no worker, and keeps the pace of the others" do
    Cluster.run(workers: 2) do |cluster|
      workers = cluster.pids
      alone = cluster.ask_each(slugs)
      report("#{slugs.size} one after the other, alone", alone)
      among, meanwhile = among_bad_ones(cluster) { cluster.ask_each(slugs) }
      report("#{slugs.size} one after the other, among 8 clients of bad plugins", among)
      report("what those clients got", meanwhile)
      all = cluster.ask_all(storm)
      report("#{storm.size} at once", all)

      [alone, among, meanwhile, all].each { |answers| expect(wrong(answers)).to eq([]) }
      expect([*meanwhile, *all].select { |answer| bad.include?(answer.plugin) }.map(&:status).uniq).to eq([503])
      expect(all.count { |answer| good.key?(answer.plugin) && answer.status == 200 }).to be > storm.size / 4
      # Nobody waits until a bad plugin has come to its time limit.
      expect(median(among)).to be < Rails.application.config.wasmtime.limits.fetch(:timeout)
      expect(cluster.pids).to eq(workers), cluster.log
      expect(workers).to all(satisfy { |pid| cluster.alive?(pid) })
    end
  end
end
