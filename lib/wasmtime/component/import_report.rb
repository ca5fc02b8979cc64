# frozen_string_literal: true

module Wasmtime
  module Component
    # Explains why a component cannot be linked: every import that is missing or is something else, with what WIT says about it, what was given
    # and close names.
    # @api private
    class ImportReport
      WASI_ADVICE = {
        %r{\Awasi:(?:cli|clocks|filesystem|io|random|sockets)/} =>
          "the component is a WASI program: define its functions with Wasmtime::WASI::P2.add_to_linker_sync(linker), instantiate it with the " \
          "linker, and give the store a WasiConfig",
        %r{\Awasi:http/} => "the component makes HTTP requests: define the functions for it with Wasmtime::WASI::HTTP.add_to_linker_sync(linker)"
      }.freeze
      # Where imports are looked at: the names that lead there, the types of all that is wanted, and what answers.
      Scope = Struct.new(:path, :types, :host)

      # @param imports [Hash{String => Object}] the types of what the component asks for
      # @param given [HostImports, nil] where it is looked for
      # @yieldparam path [Array<String>] the names of an interface and of what is in it, or of either alone
      # @yieldreturn [Boolean] whether the linker has it already
      def initialize(imports, given = nil, &defined)
        @imports = imports
        @given = given || HostImports.new
        @defined = defined || ->(_path) { false }
        @resources = []
        @wasi = []
      end

      # @return [Array<String>] one line for each import that is missing or is something else
      def complaints
        @complaints ||= look(Scope.new([], @imports, @given.root)).freeze
      end

      # @param reason [String, nil] what Wasmtime said, in case nothing is wrong as far as Ruby can tell
      # @return [LinkError]
      def error(reason = nil)
        lines = complaints.map { |line| "  #{line}" }
        lines << "  #{reason}" if lines.empty? && reason
        advice = WASI_ADVICE.filter_map { |pattern, text| text if @wasi.any?(pattern) }
        LinkError.new("cannot link the component:\n#{[*lines, *advice].join("\n")}")
      end

      private

      def look(scope)
        scope.types.flat_map do |name, type|
          here = [*scope.path, name]
          next pass(type) if value?(type) || @defined.call(here)

          type.is_a?(InstanceType) ? interface(here, type, scope.host) : [*line(scope, name, type)]
        end
      end

      # Types are no more than names for what functions take and give.
      def value?(type)
        type.is_a?(Symbol) || (type.is_a?(Type) && type._value?)
      end

      # Nothing to say, but its resources are there from now on.
      def pass(type)
        return type.exports.each_value.flat_map { |inner| pass(inner) } if type.is_a?(InstanceType)

        @resources << type if Type._resource?(type)
        []
      end

      def interface(path, type, host)
        inner = path.size == 1 ? @given.interface(path.first) : host&.interface(path.last)
        look(Scope.new(path, type.exports, inner)).tap { |lines| @wasi << path.first if inner.nil? && lines.any? }
      end

      def line(scope, name, type)
        problem = wrong(name, type, scope.host, scope.host&.find(name)) or return
        path = [*scope.path, name].map(&:inspect).join(" ")
        return "import #{path}: expected #{expected(type, scope)}, given #{problem}" unless problem == :missing

        "missing import #{path}: expected #{expected(type, scope)}#{hint(scope, name)}"
      end

      # @return [:missing, String, nil] what was given, nil when it fits
      def wrong(name, type, host, found)
        case type
        when FuncType then wrong_function(name, type, host, found)
        when ModuleType then wrong_class(found, Wasmtime::Module, "core module")
        when ComponentType, Wasmtime::ExternType then found.nil? ? :missing : "#{found.class} (it cannot be defined from Ruby)"
        else wrong_resource(name, type, host, found)
        end
      end

      def wrong_function(name, type, host, found)
        parameters = host&.parameters(name)
        return found.nil? ? :missing : "#{found.class} (no function: it has no `call`)" unless parameters

        takes(name, parameters) unless accepts?(parameters, type.params.size)
      end

      # Other interfaces may use a resource, under any name: it is asked for where it comes from.
      def wrong_resource(name, type, host, found)
        return if host&.resource(name) || (found.nil? && @resources.include?(type))

        wrong_class(found, ::Class, "class")
      ensure
        @resources << type
      end

      def wrong_class(found, kind, word)
        return :missing if found.nil?

        "#{found.class} (no #{word})" unless found.is_a?(kind)
      end

      def counts(parameters)
        kinds = parameters.map(&:first)
        least = kinds.count(:req)
        [least, kinds.include?(:rest) ? nil : least + kinds.count(:opt)]
      end

      def accepts?(parameters, count)
        least, most = counts(parameters)
        count >= least && (most.nil? || count <= most) && parameters.none? { |kind, _| kind == :keyreq }
      end

      def takes(name, parameters)
        keywords = parameters.filter_map { |kind, keyword| "#{keyword}:" if kind == :keyreq }
        method = FunctionName.parse(name)&.kind == :method && parameters.first == %i[req self]
        least, most = counts(method ? parameters.drop(1) : parameters)
        count = [least, most].uniq.join("..")
        count = "#{least} or more" if most.nil?
        "a #{method ? 'method' : 'callable'} that takes #{count} argument#{'s' unless count == '1'}#{' besides self' if method}" \
          "#{" and needs the keyword #{keywords.join(', ')}" unless keywords.empty?}"
      end

      def expected(type, scope)
        case type
        when FuncType then type._wit(Wit.of(scope.types))
        when ModuleType, Wasmtime::ExternType then type.to_s
        when ComponentType then "component"
        else "resource"
        end
      end

      # A close name that answers nothing else.
      def hint(scope, name)
        return close(unused_interfaces, scope.path.first, "the interface ") if scope.host.nil?

        taken = scope.types.keys.map { |key| HostInterface.canonical(key) }
        free = scope.host.names.reject { |one| taken.include?(HostInterface.canonical(one)) }
        close(free.select { |one| alike?(FunctionName.parse(one), FunctionName.parse(name)) }, name)
      end

      def unused_interfaces
        @given.names - @imports.keys.map { |name| HostImports.match(@given.names, name) }
      end

      # The names of a resource's functions are alike by what they begin with.
      def alike?(one, other)
        one&.kind == other&.kind && one&.resource == other&.resource
      end

      def close(names, name, what = "")
        ends = names.to_h { |one| [FunctionName.parse(one)&.name || one, one] }
        near = ends[DidYouMean::SpellChecker.new(dictionary: ends.keys).correct(FunctionName.parse(name)&.name || name).first]
        near ? ", did you mean #{what}#{near.inspect}?" : ""
      end
    end
    private_constant :ImportReport
  end
end
