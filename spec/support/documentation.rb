# frozen_string_literal: true

require "stringio"

# Compares every public method of a module, and of the classes and modules in it, with what YARD knows of it and with its signature. Names
# beginning with an underscore and private constants are exempt. Methods are named as in YARD: `Store#close`, `Store.new`.
class Documentation
  # A method as Ruby, YARD or RBS sees it: how many arguments it takes, and which keywords.
  Shape = Struct.new(:least, :most, :keywords, :any_keyword, keyword_init: true) do
    def arguments
      return least.to_s if least == most

      most ? "#{least}..#{most}" : "#{least} or more"
    end

    # The shape of a method that may be called in either way.
    def |(other)
      Shape.new(least: [least, other.least].min, most: most && other.most && [most, other.most].max,
                keywords: keywords | other.keywords, any_keyword: any_keyword || other.any_keyword)
    end
  end

  # Singleton methods and setters every Struct has; Ruby documents them.
  STRUCT = /\A(new|\[\]|members|inspect|keyword_init\?|.*[^=]=)\z/
  # What creates an object is described by the class.
  CONSTRUCTORS = %i[new initialize].freeze

  # @param root [Module]
  # @param sources [Array<String>] paths of Ruby files, or Ruby code
  # @param signatures [Array<String>] RBS
  def initialize(root, sources:, signatures:)
    require "rbs"
    require "yard"
    @modules = modules_in(root)
    @warnings = parse(sources)
    @signatures = signatures.flat_map { |text| declared(RBS::Parser.parse_signature(text)) }.to_h
  end

  # @return [Array<String>] what is wrong, sorted
  def complaints
    methods = @modules.flat_map { |mod| methods_of(mod).to_a }
    found = methods.flat_map { |path, method| about(path, method).map { |text| "#{path}: #{text}" } }
    (found + about_modules + phantoms(methods.map(&:first)) + @warnings).sort
  ensure
    YARD::Registry.clear
  end

  # @return [Array<String>] every method that is compared
  def methods
    @modules.flat_map { |mod| methods_of(mod).keys }
  end

  private

  # Ruby

  def modules_in(mod)
    children = mod.constants(false).map { |name| [name, mod.const_get(name)] }
    children.select! { |name, child| child.is_a?(Module) && child.name == "#{mod.name}::#{name}" }
    [mod, *children.flat_map { |_, child| modules_in(child) }]
  end

  # The public methods a module defines itself, by path.
  def methods_of(mod)
    instance = mod.public_instance_methods(false)
    instance << :initialize if mod.private_instance_methods(false).include?(:initialize) && mod.respond_to?(:new)
    paths(mod, instance, "#", mod).merge(paths(mod, mod.singleton_methods(false), ".", mod.singleton_class))
  end

  def paths(mod, names, separator, owner)
    names = names.reject { |name| name.start_with?("_") || (mod < Struct && name.match?(STRUCT)) }
    names.to_h { |name| ["#{mod.name}#{separator}#{name}", owner.instance_method(name)] }
  end

  # Whether Ruby has a method, be it private.
  def exists?(path)
    owner, separator, name = path.match(/\A(.+?)([#.])(.+)\z/).captures
    mod = @modules.find { |candidate| candidate.name == owner }
    mod = mod&.singleton_class if separator == "."
    mod && (mod.method_defined?(name, false) || mod.private_method_defined?(name, false))
  end

  # nil when only the method itself knows, as with native methods that take anything.
  def shape_of_method(method)
    kinds = method.parameters.map(&:first)
    return if method.source_location.nil? && method.arity.negative?

    Shape.new(least: kinds.count(:req), most: kinds.include?(:rest) ? nil : kinds.count { |kind| %i[req opt].include?(kind) },
              keywords: method.parameters.filter_map { |kind, name| name if %i[key keyreq].include?(kind) },
              any_keyword: kinds.include?(:keyrest))
  end

  # YARD

  def parse(sources)
    log = YARD::Logger.instance
    io = log.io
    log.io = StringIO.new
    YARD::Registry.clear
    files, texts = sources.partition { |source| File.file?(source) }
    YARD.parse(files) unless files.empty?
    texts.each { |text| YARD.parse_string(text) }
    log.io.string.split(/^\[(?:warn|error)\]:? /).drop(1).map { |text| "YARD: #{text.split.join(' ')}" }
  ensure
    log.io = io
  end

  def about(path, method)
    object = original(YARD::Registry.at(path))
    [*(object ? about_documentation(object, method) : "not documented"), *about_signature(@signatures[path], method)]
  end

  # What an alias stands for, if YARD knows.
  def original(object)
    name = object&.is_alias? && object.namespace.aliases[object]
    (name && object.namespace.child(name: name.to_sym, scope: object.scope)) || object
  end

  def about_documentation(object, method)
    # A method of several forms is documented form by form, with what they share around them.
    forms = object.tags(:overload).empty? ? [object] : object.tags(:overload)
    [*("no description" unless described?(object, forms)),
     *forms.flat_map { |form| about_parameters(form) },
     *("no @return" unless returns?(object) || forms.all? { |form| returns?(form) }),
     *about_block(object, forms),
     *about_raises(object, forms),
     *differences("documented with", forms.map { |form| shape_of_documentation(form) }.reduce(:|), shape_of_method(method))]
  end

  def described?(object, forms)
    return true if CONSTRUCTORS.include?(object.name)

    [object, *forms].any? { |form| !form.docstring.strip.empty? || form.tags(:return).any? { |tag| !tag.text.to_s.empty? } }
  end

  def returns?(form)
    form.tags(:return).any? { |tag| !tag.types.to_a.empty? }
  end

  def about_parameters(form)
    names = parameters_of(form).reject { |name| name.start_with?("&") }.map { |name| name.delete("*:") }
    tags = form.tags(:param)
    documented = tags.reject { |tag| tag.types.to_a.empty? }.map(&:name)
    block = parameters_of(form).grep(/\A&./).map { |name| name.delete("&") }
    (names - documented).map { |name| "no @param with a type for #{name}" } +
      (tags.map(&:name) - names - block).map { |name| "@param for #{name}, which it does not take" }
  end

  def parameters_of(form)
    form.parameters.map { |name, _default| name.to_s }
  end

  def about_block(object, forms)
    takes = forms.any? { |form| parameters_of(form).any? { |name| name.start_with?("&") } } || object.source.to_s.match?(/\byield\b|\bblock_given\?/)
    # YARD adds tags for what it sees in the code: only the comment says what its author wrote.
    return [] if !takes || object.docstring.all.match?(/^\s*@yield/)

    ["no @yield or @yieldparam for its block"]
  end

  def about_raises(object, forms)
    tags = [object, *forms].uniq.flat_map { |form| form.tags(:raise) }.reject { |tag| tag.text.to_s.empty? }
    texts = [object, *forms].flat_map { |form| [form.docstring, *form.tags.reject { |tag| tag.tag_name == "raise" }.map(&:text)] }
    said = texts.join(" ").gsub(/never raises?/i, "").match?(/\braises?\b/i) && tags.empty?
    documented = tags.flat_map { |tag| tag.types.to_a }
    raised = object.source.to_s.scan(/\braise[( ]\s*(?:::)?([A-Z]\w*(?:::[A-Z]\w*)*)(?![\w:]|\.(?!new))/).flatten.uniq - documented
    [*("says that it raises, but has no @raise" if said), *raised.map { |name| "no @raise for #{name}" }]
  end

  def shape_of_documentation(form)
    names = parameters_of(form)
    keywords, positional = names.reject { |name| name.start_with?("&", "**") }.partition { |name| name.end_with?(":") }
    rest, plain = positional.partition { |name| name.start_with?("*") }
    optional = form.parameters.count { |name, default| default && plain.include?(name.to_s) }
    Shape.new(least: plain.size - optional, most: rest.empty? ? plain.size : nil, keywords: keywords.map { |name| name.delete(":").to_sym },
              any_keyword: names.any? { |name| name.start_with?("**") })
  end

  def about_modules
    @modules.filter_map do |mod|
      object = YARD::Registry.at(mod.name)
      "#{mod.name}: no description" if object.nil? || object.docstring.strip.empty?
    end
  end

  # RBS

  def declared(declarations, namespace = nil)
    named = declarations.grep(RBS::AST::Declarations::Class) + declarations.grep(RBS::AST::Declarations::Module)
    named.flat_map do |declaration|
      name = [namespace, declaration.name.to_s.delete_prefix("::")].compact.join("::")
      declaration.members.flat_map { |member| members(member, name) } + declared(declaration.members, name)
    end
  end

  # Paths and the types of the calls; nil stands for those of an alias.
  def members(member, owner)
    kind = member.respond_to?(:kind) && member.kind == :singleton ? "." : "#"
    case member
    when RBS::AST::Members::MethodDefinition then [["#{owner}#{kind}#{member.name}", member.types.map(&:type)]]
    when RBS::AST::Members::Alias then [["#{owner}#{kind}#{member.new_name}", nil]]
    when RBS::AST::Members::AttrReader then [["#{owner}#{kind}#{member.name}", nil]]
    when RBS::AST::Members::AttrWriter then [["#{owner}#{kind}#{member.name}=", nil]]
    when RBS::AST::Members::AttrAccessor then [["#{owner}#{kind}#{member.name}", nil], ["#{owner}#{kind}#{member.name}=", nil]]
    else []
    end
  end

  def about_signature(types, method)
    return [] if types.nil? && @signatures.key?(path_of(method))
    return ["no signature"] unless types

    differences("signature with", types.map { |type| shape_of_signature(type) }.reduce(:|), shape_of_method(method))
  end

  def path_of(method)
    owner = method.owner
    owner.singleton_class? ? "#{owner.inspect[/\A#<Class:(.+)>\z/, 1]}.#{method.name}" : "#{owner.name}##{method.name}"
  end

  def shape_of_signature(type)
    required = type.required_positionals.size + type.trailing_positionals.size
    Shape.new(least: required, most: type.rest_positionals ? nil : required + type.optional_positionals.size,
              keywords: type.required_keywords.keys + type.optional_keywords.keys, any_keyword: !type.rest_keywords.nil?)
  end

  # Both

  def differences(what, claimed, real)
    return [] unless real

    counts = claimed.arguments == real.arguments ? [] : ["#{what} #{claimed.arguments} arguments, takes #{real.arguments}"]
    unknown = real.any_keyword ? [] : claimed.keywords - real.keywords
    counts + (real.keywords - claimed.keywords).map { |name| "#{what}out the keyword #{name}" } +
      unknown.map { |name| "#{what} the keyword #{name}, which it does not take" }
  end

  # What is documented or has a signature, but does not exist.
  def phantoms(paths)
    documented = YARD::Registry.all(:method).select { |object| promised?(object) }.map(&:path)
    classes = YARD::Registry.all(:class, :module).select { |object| public?(object) }.map(&:path) - @modules.map(&:name)
    ((documented - paths).reject { |path| exists?(path) } + classes).map { |path| "#{path}: documented, but does not exist" } +
      (@signatures.keys - paths).reject { |path| exists?(path) }.map { |path| "#{path}: has a signature, but does not exist" }
  end

  def promised?(object)
    object.visibility == :public && public?(object.namespace)
  end

  def public?(namespace)
    namespace.root? || (namespace.visibility == :public && public?(namespace.namespace))
  end
end
