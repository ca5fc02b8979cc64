# frozen_string_literal: true

require "rbconfig"
require_relative "build_requirements"

# Writes a Makefile that drives cargo, in place of mkmf's: `rake compile`, `gem install` and Bundler all end in `make` and `make install`.

missing = BuildRequirements.missing
abort "wasmtime-rb cannot be built on #{RUBY_PLATFORM} yet, because it needs #{missing.join(', ')}." unless missing.empty?

root = File.expand_path("../..", __dir__)
# RubyGems and Bundler build inside ext/ and must leave no target folder behind; rake-compiler builds under tmp/ and shares the project's.
in_place = File.realpath(Dir.pwd) == File.realpath(__dir__)
target_dir = in_place ? File.join(Dir.pwd, "target") : File.join(root, "target")

library = case RUBY_PLATFORM
          when /darwin/ then "libwasmtime_rb.dylib"
          when /mingw|mswin/ then "wasmtime_rb.dll"
          else "libwasmtime_rb.so"
          end
# Ruby's own symbols are resolved when the extension is loaded; the linker of macOS wants to be told.
rustc_arguments = RUBY_PLATFORM.include?("darwin") ? "-- -C link-arg=-Wl,-undefined,dynamic_lookup" : ""

# rb-sys asks the `ruby` found in PATH. Naming another one reruns its build script, so only where it is another one.
path_ruby = BuildRequirements.output("ruby", "-rrbconfig", "-e", "print RbConfig.ruby")
ruby = path_ruby == RbConfig.ruby ? "" : "RUBY='#{RbConfig.ruby}' "

make = ->(text) { text.gsub("$", "$$") }

File.write("Makefile", <<~MAKEFILE)
  SHELL = /bin/sh
  CARGO = #{make[BuildRequirements.cargo]}
  MANIFEST = #{make[BuildRequirements::MANIFEST]}
  DEFAULT_TARGET = #{make[target_dir]}
  DLLIB = wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}
  DESTDIR =
  sitearchdir = #{make[RbConfig::CONFIG['sitearchdir']]}
  sitelibdir = #{make[RbConfig::CONFIG['sitelibdir']]}
  target_prefix = /wasmtime
  INSTALL_DIR = $(DESTDIR)$(sitearchdir)$(target_prefix)

  all: $(DLLIB)

  # Cargo knows best whether anything changed. What build scripts could obey is withheld: DESTDIR, and the SOURCE_DATE_EPOCH that
  # RubyGems sets anew each time, for which the C code of dependencies would be compiled again though none of it holds a date.
  $(DLLIB): FORCE
  \t@unset DESTDIR MAKEFLAGS MFLAGS MAKELEVEL SOURCE_DATE_EPOCH; \\
  \tcase "$${WASMTIME_RB_PROFILE:-release}" in \\
  \t  release) set -- ;; \\
  \t  dev) export CARGO_INCREMENTAL=1; \\
  \t    set -- --config profile.release.package.wasmtime_rb.opt-level=1 --config profile.release.package.wasmtime_rb.codegen-units=16 ;; \\
  \t  *) echo "WASMTIME_RB_PROFILE is release or dev, not $$WASMTIME_RB_PROFILE." >&2; exit 1 ;; \\
  \tesac; \\
  \ttarget="$${CARGO_TARGET_DIR:-$(DEFAULT_TARGET)}"; \\
  \t#{make[ruby]}"$(CARGO)" rustc --release --locked --lib --manifest-path "$(MANIFEST)" --target-dir "$$target" "$$@" #{rustc_arguments} && \\
  \tbuilt="$$target/$${CARGO_BUILD_TARGET:+$$CARGO_BUILD_TARGET/}release/#{library}" && \\
  \t{ cmp -s "$$built" $(DLLIB) || { rm -f $(DLLIB) && cp "$$built" $(DLLIB); }; }

  install: $(DLLIB)
  \t@mkdir -p "$(INSTALL_DIR)"
  \t@cmp -s $(DLLIB) "$(INSTALL_DIR)/$(DLLIB)" || { rm -f "$(INSTALL_DIR)/$(DLLIB)" && cp $(DLLIB) "$(INSTALL_DIR)/$(DLLIB)" && chmod 755 "$(INSTALL_DIR)/$(DLLIB)"; }
  #{"\t@rm -rf \"$(DEFAULT_TARGET)\" $(DLLIB)" if in_place}

  clean:
  \t@rm -f $(DLLIB)
  #{"\t@rm -rf \"$(DEFAULT_TARGET)\"" if in_place}

  distclean: clean
  \t@rm -f Makefile

  FORCE:
  .PHONY: all install clean distclean FORCE
MAKEFILE
