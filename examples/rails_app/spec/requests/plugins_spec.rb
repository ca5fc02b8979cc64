# frozen_string_literal: true

RSpec.describe "Plugins", type: :request do
  def ask(name, text)
    post "/plugins/#{name}", params: text, headers: { "CONTENT_TYPE" => "text/plain" }
    [response.status, response.body]
  end

  it "makes a slug, in C" do
    expect(ask("slug", "  Hello, World: 2nd edition!")).to eq([200, "hello-world-2nd-edition"])
  end

  it "hides secrets, in Go, with the salt that the host granted" do
    expect(ask("redact", "user=alice password=hunter2secret42 ok")).to eq([200, "user=alice password=[HIDDEN:578a8d] ok"])
  end

  it "answers 503 for a plugin that never ends" do
    expect(ask("spin", "x")).to eq([503, "spin: GuestError\n"])
    expect(response.headers["Retry-After"]).to eq("1")
  end

  it "answers 503 for a plugin that takes all the memory there is" do
    expect(ask("hoard", "x")).to eq([503, "hoard: GuestError\n"])
  end

  it "serves others after a plugin has failed" do
    ask("spin", "x")
    expect(ask("slug", "And now?")).to eq([200, "and-now"])
  end

  it "has no other plugins" do
    expect { ask("../secrets", "x") }.to raise_error(ActionController::RoutingError)
  end
end
