# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Takes a manifest apart, which somebody else has written: each value is checked, and what is not known is refused instead of ignored.
    # @api private
    class ManifestReader
      # Bytes of a file; its texts and lists are shorter by themselves.
      LONGEST = 64 << 10
      KEYS = %w[name version description wasm sha256 permissions limits call].freeze
      PERMISSIONS = %w[dirs env stdio].freeze
      LIMITS = Limits::DEFAULTS.keys.map(&:name).freeze
      CALL = %w[allocate free].freeze
      # Names are shown in logs, and stand for folders.
      NAME = /\A[[:alnum:]_][[:alnum:]_.-]{0,99}\z/
      SHA256 = /\A\h{64}\z/

      # @param given [Hash]
      # @param path [String] where it comes from
      def initialize(given, path)
        @path = path
        @given = hash_of(given, nil, KEYS)
      end

      def name
        name = text("name")
        return name if name.nil? || name.match?(NAME)

        refuse("name", "expected letters, digits and _ . -, got #{shown(name)}")
      end

      # @return [String, nil] printable
      def text(key)
        value = @given[key]
        value = value.to_s if value.is_a?(Numeric)
        value.nil? ? nil : string(value, key)
      end

      def sha256
        digest = text("sha256")
        return digest&.downcase&.freeze if digest.nil? || digest.match?(SHA256)

        refuse("sha256", "expected 64 hexadecimal digits, got #{shown(digest)}")
      end

      def permissions
        given = section("permissions", PERMISSIONS)
        { dirs: dirs(given["dirs"]).freeze, env: names(given["env"], "permissions: env").freeze, stdio: stdio(given["stdio"]).freeze }.freeze
      end

      def limits
        given = section("limits", LIMITS).transform_keys(&:to_sym)
        given.each { |name, value| refuse("limits: #{name}", "expected a number, got #{shown(value)}") unless value.is_a?(Numeric) }
        Limits.of(given)
        given.freeze
      rescue ArgumentError, TypeError => e
        raise ManifestError, "#{@path}: #{e.message}"
      end

      def call
        given = section("call", CALL)
        given.to_h { |key, value| [key.to_sym, value == false ? value : string(value, "call: #{key}")] }.freeze
      end

      private

      def section(key, known)
        @given[key].nil? ? {} : hash_of(@given[key], key, known)
      end

      def hash_of(value, key, known)
        hash = Hash.try_convert(value) || refuse(key, "expected names and values, got #{shown(value)}")
        hash = hash.transform_keys { |name| name.is_a?(Symbol) ? name.name : name }
        unknown = hash.keys - known
        return hash if unknown.empty?

        refuse(key, "unknown key #{shown(unknown.first)}#{Untrusted.hint(unknown.first, known)} (known: #{known.join(', ')})")
      end

      # Either paths, which means to read, or modes by path.
      def dirs(given)
        pairs = Hash.try_convert(given) || names(given, "permissions: dirs").to_h { |path| [path, "read_only"] }
        pairs.to_h { |path, mode| [string(path, "permissions: dirs"), mode(path, mode)] }
      end

      def mode(path, name)
        mode = Permissions._mode(name) if name.is_a?(String) || name.is_a?(Symbol)
        return mode if mode

        refuse("permissions: dirs: #{shown(path)}",
               "expected read_only or read_write, got #{shown(name)}: which folder of the host that is, says the host")
      end

      def names(given, key)
        list = given.nil? ? [] : Array.try_convert(given) || refuse(key, "expected a list, got #{shown(given)}")
        list.map { |name| string(name, key) }.uniq
      end

      def stdio(given)
        allowed = [nil, true, false].include?(given) || given.is_a?(Array) || given.is_a?(String)
        refuse("permissions: stdio", "expected true, false, or a list of stdout and stderr, got #{shown(given)}") unless allowed

        Permissions._streams(given) { |complaint| refuse("permissions: stdio", Untrusted.line(complaint, 300)) }
      end

      def string(value, key)
        text = value.is_a?(Symbol) ? value.name : String.try_convert(value)
        refuse(key, "expected a text, got #{shown(value)}") unless text
        text = text.dup.force_encoding(Encoding::UTF_8)
        fits = text.valid_encoding? && text.length.between?(1, 1000) && text == Untrusted.line(text)
        fits ? text.freeze : refuse(key, "expected a line of printable text, got #{shown(text)}")
      end

      def shown(value)
        Untrusted.line(value.inspect, 100)
      end

      def refuse(key, complaint)
        raise ManifestError, "#{[@path, *key].join(': ')}: #{complaint}"
      end
    end
    private_constant :ManifestReader
  end
end
