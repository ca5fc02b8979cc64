# frozen_string_literal: true

require "json"
require "open3"
require "rbconfig"
require "tmpdir"
require "yaml"

# Which functions of the Wasmtime C API the extension reaches, and whether docs/capi-coverage.yml gives a reason for every other one.
class CapiCoverage
  class Missing < StandardError; end

  ROOT = File.expand_path("..", __dir__)
  LIST = "docs/capi-coverage.yml"
  # These are rules and not entries of the list: hundreds of functions that one decision leaves out.
  VECTOR = /\Awasm_\w+_vec_/
  COMPONENT_VECTOR = /\Awasmtime_component_val(?:list|record|tuple|flags|map)_/
  # The objects of wasm.h that Wasmtime's own headers replace, and what serves to treat a trap as one of them.
  LEGACY = /\Awasm_(?:store|func|global|table|memory|extern|instance|module|foreign|ref|shared_module|val)_|
            \Awasm_\w+_(?:as_ref(?:_const)?|same|get_host_info|set_host_info(?:_with_finalizer)?)\z/x

  # What the headers declare. They are run through the C preprocessor: macros write many of the declarations, and whether a declaration is
  # there depends on the features that the crate is compiled with.
  class Headers
    CRATE = "wasmtime-c-api-impl"
    ENTRY = "#include <wasm.h>\n#include <wasi.h>\n#include <wasmtime.h>\n"
    BLOCK = /(?<block>\{(?:[^{}]++|\g<block>)*\})/

    # @return [Headers] those of the crate that the extension is linked with
    def self.of_crate
      metadata = JSON.parse(command("cargo", "metadata", "--format-version=1", "--locked", "--filter-platform", host))
      package = metadata.fetch("packages").find { |candidate| candidate["name"] == CRATE }
      node = metadata.fetch("resolve").fetch("nodes").find { |candidate| candidate["id"] == package["id"] }
      new(File.join(File.dirname(package.fetch("manifest_path")), "include"), node.fetch("features"))
    end

    # Without a platform cargo wants the crates of all of them, and fetches those that no build here has needed.
    def self.host = command("rustc", "--print", "host-tuple").chomp

    def self.command(*command, **options)
      output, error, status = Open3.capture3(*command, chdir: ROOT, **options)
      raise Missing, "#{command.first} failed: #{error.strip}" unless status.success?

      output
    rescue Errno::ENOENT
      raise Missing, "#{command.first} is needed"
    end

    # @param folder [String] with wasm.h, wasi.h and wasmtime.h
    # @param features [Array<String>] Cargo's names of what is compiled in
    def initialize(folder, features)
      @folder = folder
      @features = features.map { |feature| "WASMTIME_FEATURE_#{feature.upcase.tr('-', '_')}" }
    end

    # @return [Hash<String, Array<String>>] functions by header
    def functions
      texts.transform_values { |text| declared(text).uniq }.reject { |_header, names| names.empty? }
    end

    private

    # A line marker tells which file the lines after it come from.
    def texts
      header = nil
      preprocessed.each_line.with_object(Hash.new { |all, name| all[name] = +"" }) do |line, texts|
        if (path = line[/\A# \d+ "([^"]*)"/, 1])
          header = path.start_with?("#{@folder}/") ? path.delete_prefix("#{@folder}/") : nil
        elsif header
          texts[header] << line
        end
      end
    end

    def preprocessed
      Dir.mktmpdir do |generated|
        write_conf(generated)
        self.class.command(*compiler, "-E", "-x", "c", "-I", generated, "-I", @folder, "-", stdin_data: ENTRY)
      end
    end

    def compiler = (ENV.fetch("CC", nil) || RbConfig::CONFIG.fetch("CC", "cc")).split

    # CMake does the same when the crate is built; where it has not been, there is no such file.
    def write_conf(folder)
      template = File.read(File.join(@folder, "wasmtime/conf.h.in"))
      Dir.mkdir(File.join(folder, "wasmtime"))
      conf = template.gsub(/^#cmakedefine \w+/) { |line| line.sub("cmakedefine", @features.include?(line.split.last) ? "define" : "undef") }
      File.write(File.join(folder, "wasmtime/conf.h"), conf)
    end

    # A function with a body is inline: it is compiled into its caller, and the extension calls what it calls.
    def declared(text)
      statements = text.gsub(/\)\s*#{BLOCK}/, ") inline;").gsub(BLOCK, "").split(";")
      statements.grep_v(/\A\s*typedef\b|\binline\z/).filter_map { |statement| statement[/\b((?:wasm|wasi|wasmtime)_\w+)\s*\(/, 1] }
    end
  end

  # What the Rust sources refer to.
  class Sources
    # A literal may contain what starts a comment, and a comment what starts a literal, so that both are found in one go.
    NOISE = %r{\b[bc]?r(#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'|//[^\n]*|/\*.*?\*/}m
    BRACES = /(?<braces>\{(?:[^{}]++|\g<braces>)*\})/
    PARENTHESES = /(?<parentheses>\((?:[^()]++|\g<parentheses>)*\))/
    MACRO = /\bmacro_rules!\s*(?<name>\w+)\s*#{BRACES}/
    # An option whose setter is named and not called.
    ABSENT = /\bAbsent\s*=>\s*\w+/

    # @return [Sources] those of the extension
    def self.of_extension
      new(Dir[File.join(ROOT, "ext/wasmtime_rb/src/**/*.rs")].map { |path| File.read(path) })
    end

    # @param texts [Array<String>] of Rust files
    def initialize(texts)
      @code = texts.map { |text| text.gsub(NOISE, "") }.join("\n")
    end

    # @return [Array<String>] every name that may be one of a function
    def names
      (written + imported + given_to_macros).uniq
    end

    private

    def written = @code.scan(/\bcapi::(\w+)/).flatten

    def imported = words(@code.scan(/\bcapi::\{([^}]*)\}/).flatten)

    # A macro that writes `capi::$function` is given the name.
    def given_to_macros
      builders = @code.scan(MACRO).filter_map { |name, body| name if body.include?("capi::$") }
      calls = builders.flat_map { |name| @code.scan(/\b#{name}!\s*(?:#{BRACES}|#{PARENTHESES})/).flatten.compact }
      words(calls.map { |call| call.gsub(ABSENT, "") })
    end

    def words(texts) = texts.flat_map { |text| text.scan(/\w+/) }
  end

  # @return [CapiCoverage] what holds for this clone
  # @raise [Missing]
  def self.of_extension
    new(Headers.of_crate.functions, Sources.of_extension.names, YAML.safe_load_file(File.join(ROOT, LIST)))
  end

  # @param functions [Hash<String, Array<String>>] by header
  # @param reached [Array<String>]
  # @param list [Hash] what docs/capi-coverage.yml says
  def initialize(functions, reached, list)
    @reached = reached
    @listed = list["excused"] || {}
    @reasons = @listed.reject { |_name, reason| reason.to_s.strip.empty? }
    @twins = list["twins"] || {}
    pairs = functions.sort.flat_map { |header, names| names.map { |name| [header, name] } }
    @out_of_scope, @counted = pairs.partition { |header, name| name.match?(header == "wasm.h" ? Regexp.union(VECTOR, LEGACY) : COMPONENT_VECTOR) }
  end

  # @return [Array<String>] the totals of the headers, and every function that is not reached
  def report
    totals = @counted.group_by(&:first).map { |header, pairs| total(header, pairs) }
    functions = (unreached - @twins.keys).map { |name| "#{name}: #{@reasons.fetch(name, 'no reason given')}" }
    twins = @twins.map { |name, other| "#{name}: #{other} does it" }
    [*totals, total("all of them", @counted), *left_out, "", *functions, *twins]
  end

  # @return [Array<String>] where the sources and the list disagree
  def complaints
    unexplained = unreached - @reasons.keys - @twins.keys
    unexplained.map { |name| "#{name} is not reached, and #{LIST} gives no reason" } +
      (excused + @twins.keys).filter_map { |name| "#{LIST} excuses #{name}, which #{contradiction(name)}" if contradiction(name) } +
      @twins.filter_map { |name, other| "#{LIST} calls #{name} a twin of #{other}, which is not reached" unless @reached.include?(other) }
  end

  # @return [Array<String>] the functions of the list, without those that are another spelling of one that is reached
  def excused = @listed.keys

  private

  def total(title, pairs) = "#{title}: #{pairs.count { |_header, name| @reached.include?(name) }} of #{pairs.size}"

  def left_out
    @out_of_scope.empty? ? [] : ["out of scope: #{@out_of_scope.size} functions of vectors and legacy objects"]
  end

  def names = @counted.map(&:last)

  def unreached = names - @reached

  def contradiction(name)
    return "is declared by no header, or is not counted" unless names.include?(name)

    "is reached" if @reached.include?(name)
  end
end
