# frozen_string_literal: true

require_relative "../spec/support/resource_guests"

module Fuzz
  # The part of a {Ledger} that is about objects of the host's: the guest keeps one, gives it back, sends it to a host block or drops it, and only
  # then its destructor runs, once.
  module HostLedger
    # A host object, and how often its destructor ran.
    Item = Struct.new(:id, :dropped)
    OPERATIONS = %i[lend keep_item ask drop_item item_back open_item drop_opened send_item].freeze

    private

    def linker(engine)
      Wasmtime::Component::Linker.new(engine).instance(ResourceGuests::FILES) do |files|
        files.resource("file", Item) { |item| item.dropped += 1 }
        files.func_new("[constructor]file") { |id| @opened = Item.new(id, 0) }
        files.func_new("[method]file.id", &:id)
        files.func_new("take") { |item| (@taken = item).id }
      end
    end

    def lend
      item = Item.new(@random.rand(100), 0)
      check("look", @user.invoke("look", item) == item.id && item.dropped.zero?, item)
    end

    def keep_item
      return if @kept_item

      if @random.rand(2).zero?
        @user.invoke("keep", @kept_item = Item.new(@random.rand(100), 0))
      else
        @user.invoke("open-and-keep", @random.rand(100))
        @kept_item = @opened
      end
    end

    def ask
      check("ask", @user.invoke("ask") == @kept_item.id, @kept_item) if @kept_item
    end

    def drop_item
      return unless (item = @kept_item)

      @kept_item = nil
      @user.invoke("drop-kept")
      check("dropped", item.dropped == 1, item)
    end

    # No destructor runs for what comes back, or goes to a host block as own.
    def item_back
      return unless (item = @kept_item)

      back = @user.invoke("kept")
      @kept_item = nil
      check("back", back.equal?(item) && item.dropped.zero?, back)
    end

    def send_item
      return unless (item = @kept_item)

      sent = @user.invoke("send")
      @kept_item = nil
      check("sent", sent == item.id && @taken.equal?(item) && item.dropped.zero?, item)
    end

    def open_item
      check("opened", @user.invoke("open", @random.rand(100)).equal?(@opened) && @opened.dropped.zero?, @opened)
    end

    def drop_opened
      @user.invoke("open-and-drop", @random.rand(100))
      check("dropped at once", @opened.dropped == 1, @opened)
    end
  end
end
