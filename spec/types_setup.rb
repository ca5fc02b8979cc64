# frozen_string_literal: true

require "logger"
require "rbs/test"
require "wasmtime"
require "wasmtime/testing/assertions"
require "wasmtime/testing/matchers"

# Every call of a method under Wasmtime is compared with sig/, and a signature that lies raises. Unlike `-r rbs/test/setup`, which waits for
# the `end` of a class body, this reaches classes that only the extension defines, and leaves the subprocesses of specs alone.
module TypesSetup
  # Without Kernel there is nothing to hook into.
  UNHOOKABLE = ->(mod) { mod.is_a?(Class) && !mod.ancestors.include?(Kernel) }

  # A call that was refused, as it should be when its arguments are wrong, is no lie.
  module OnlyWhenAccepted
    def call(receiver, trace)
      super unless trace.method_call.exception?
    end
  end

  # Keywords are keywords, and a Hash in braces is a value; a value may be a BasicObject.
  module RealKeywords
    def keyword?(value)
      Hash === value && Hash.ruby2_keywords_hash?(value)
    end
  end

  # A block that is kept for later goes through as it is: what becomes of it depends on its parameters, and messages show where it is.
  module KeptBlocks
    METHODS = %w[Wasmtime::Func.new Wasmtime::Linker#func_new].freeze

    def hook_method_source(prefix, method_name, ...)
      line, source = super
      source = source.sub("&wrapped_block)\n", "&#{source[/&(block__\h+)\)/, 1]})\n") if METHODS.include?("#{prefix}#{method_name}")
      [line, source]
    end
  end

  module_function

  def install
    RBS.logger_level = ENV.fetch("RBS_TEST_LOGLEVEL", "error")
    RBS::Test::Tester::MethodCallTester.prepend(OnlyWhenAccepted)
    RBS::Test::TypeCheck.prepend(RealKeywords)
    RBS::Test::Hook.singleton_class.prepend(KeptBlocks)
    loader = RBS::EnvironmentLoader.new
    loader.add(path: Pathname(__dir__).join("../sig"))
    environment = RBS::Environment.from_loader(loader).resolve_type_names
    tester = RBS::Test::Tester.new(env: environment)
    known = ->(mod) { environment.class_decls.key?(RBS::TypeName.new(name: mod.name.split("::").last.to_sym, namespace: namespace(mod))) }
    modules(Wasmtime).reject(&UNHOOKABLE).select(&known).each { |mod| tester.install!(mod, sample_size: 100, unchecked_classes: []) }
  end

  def namespace(mod)
    RBS::Namespace.new(path: mod.name.split("::")[0..-2].map(&:to_sym), absolute: true)
  end

  def modules(mod, seen = [])
    return seen if seen.include?(mod)

    seen << mod
    children = mod.constants.map { |name| mod.const_get(name) }.grep(Module)
    children.each { |child| modules(child, seen) if child.name&.start_with?("Wasmtime::") }
    seen
  end
end

TypesSetup.install
