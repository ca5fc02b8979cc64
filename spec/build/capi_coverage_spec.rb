# frozen_string_literal: true

require "fileutils"
require_relative "../../rakelib/capi_coverage"

RSpec.describe CapiCoverage do
  describe "of the extension" do
    before(:context) { @coverage = described_class.of_extension }

    it "agrees with docs/capi-coverage.yml" do
      complaints = @coverage.complaints
      expect(complaints).to be_empty, complaints.join("\n")
    end

    it "excuses at most 40 functions, and at most 10 of components" do
      components, others = @coverage.excused.partition { |name| name.include?("component") }
      expect(others.size).to be <= 40
      expect(components.size).to be <= 10
    end
  end

  describe "comparing" do
    functions = {
      "wasm.h" => %w[wasm_type_new wasm_type_vec_new wasm_func_new wasm_functype_new wasm_trap_copy wasm_trap_same wasm_ref_as_trap],
      "wasmtime/func.h" => %w[wasmtime_func_new wasmtime_func_call],
      "wasmtime/component/val.h" => %w[wasmtime_component_vallist_new]
    }
    counted = %w[wasm_type_new wasm_functype_new wasm_trap_copy wasmtime_func_new wasmtime_func_call]

    compare = ->(reached:, **list) { described_class.new(functions, reached, list.transform_keys(&:to_s)) }

    it "is content when every function is reached or excused" do
      expect(compare[reached: counted - ["wasm_trap_copy"], excused: { "wasm_trap_copy" => "loses the code" }].complaints).to eq([])
    end

    it "names functions that are neither" do
      expect(compare[reached: counted.first(3)].complaints).to match([/\Awasmtime_func_new is not reached/, /\Awasmtime_func_call is not reached/])
    end

    it "wants a reason that says something" do
      [nil, "", " "].each do |reason|
        complaints = compare[reached: counted - ["wasm_trap_copy"], excused: { "wasm_trap_copy" => reason }].complaints
        expect(complaints).to match([/\Awasm_trap_copy is not reached/])
      end
    end

    it "takes another spelling of a function that is reached, and of no other" do
      twin = { "wasm_trap_copy" => "wasmtime_func_new" }
      expect(compare[reached: counted - ["wasm_trap_copy"], twins: twin].complaints).to eq([])
      expect(compare[reached: counted - %w[wasm_trap_copy wasmtime_func_new], twins: twin].complaints)
        .to match([/\Awasmtime_func_new is not reached/, / calls wasm_trap_copy a twin of wasmtime_func_new, which is not reached\z/])
      expect(compare[reached: counted, twins: twin].complaints).to match([/ excuses wasm_trap_copy, which is reached\z/])
    end

    it "names functions that are reached and excused" do
      ["slow", nil].each do |reason|
        complaints = compare[reached: counted, excused: { "wasmtime_func_call" => reason }].complaints
        expect(complaints).to match([/ wasmtime_func_call, which is reached\z/])
      end
    end

    it "names functions that are excused and do not exist, or do not count" do
      excused = %w[wasmtime_gone wasm_func_new wasmtime_component_vallist_new].to_h { |name| [name, "a reason"] }
      expect(compare[reached: counted, excused:].complaints).to match(excused.keys.map { |name| / #{name}, which is declared by no header/ })
    end

    it "takes an empty list" do
      expect(compare[reached: counted, excused: nil].complaints).to eq([])
    end

    it "reports headers, what does not count, and every function that is not reached" do
      report = compare[reached: counted - %w[wasm_trap_copy wasmtime_func_call], excused: { "wasm_trap_copy" => "loses the code" }].report
      expect(report).to eq(<<~TEXT.lines(chomp: true))
        wasm.h: 2 of 3
        wasmtime/func.h: 1 of 2
        all of them: 3 of 5
        out of scope: 5 functions of vectors and legacy objects

        wasm_trap_copy: loses the code
        wasmtime_func_call: no reason given
      TEXT
    end
  end

  describe CapiCoverage::Headers do
    around { |example| Dir.mktmpdir { |folder| Dir.chdir(folder) { example.run } } }

    headers = {
      "wasm.h" => <<~C,
        #include <stddef.h>
        #define WASM_DECLARE_OWN(name) typedef struct wasm_##name##_t wasm_##name##_t; void wasm_##name##_delete(wasm_##name##_t*);
        WASM_DECLARE_OWN(config)
        // void wasm_commented(void);
        typedef wasm_config_t (*wasm_callback_t)(void);
        struct wasm_limits_t { size_t max; wasm_config_t* (*member)(int); wasm_config_t (*other)(int); };
        static inline int wasm_helper(int x) { if (x) { return 1; } return 0; }
        wasm_config_t *
          wasm_config_new (void);
      C
      "wasi.h" => "struct wasi_config_t;\nvoid wasi_config_set(struct wasi_config_t*, void (*wasi_finalizer)(void*));\n",
      "wasmtime.h" => "#include <wasmtime/conf.h>\n#include <wasmtime/extra.h>\nint wasmtime_main(void);\n",
      "wasmtime/extra.h" => "#ifdef WASMTIME_FEATURE_GC_DRC\nint wasmtime_drc(void);\n#else\nint wasmtime_no_drc(void);\n#endif\n",
      "wasmtime/conf.h.in" => "#cmakedefine WASMTIME_FEATURE_GC_DRC\n"
    }

    def functions(files, features: [])
      files.each do |path, text|
        FileUtils.mkdir_p(File.dirname(path))
        File.write(path, text)
      end
      described_class.new(Dir.pwd, features).functions
    end

    it "finds what the headers declare, by hand or with macros, and nothing that is no symbol" do
      expect(functions(headers)).to eq(
        "wasm.h" => %w[wasm_config_delete wasm_config_new], "wasi.h" => %w[wasi_config_set], "wasmtime.h" => %w[wasmtime_main],
        "wasmtime/extra.h" => %w[wasmtime_no_drc]
      )
    end

    it "knows the features that are compiled in" do
      expect(functions(headers, features: %w[wat gc-drc])["wasmtime/extra.h"]).to eq(%w[wasmtime_drc])
    end

    it "says what is wrong when the compiler fails or is missing" do
      expect { functions(headers.merge("wasi.h" => "#include <missing.h>\n")) }.to raise_error(CapiCoverage::Missing, /failed: .*missing\.h/m)
      stub_const("ENV", ENV.to_h.merge("CC" => "no-such-compiler -O2"))
      expect { functions(headers) }.to raise_error(CapiCoverage::Missing, "no-such-compiler is needed")
    end
  end

  describe CapiCoverage::Sources do
    names = ->(*texts) { described_class.new(texts).names }

    it "finds names by path" do
      expect(names["unsafe { capi::wasm_a(crate::capi::wasm_b()) }", "owned! { X => $crate::capi::wasm_c; }"]).to eq(%w[wasm_a wasm_b wasm_c])
    end

    it "finds imported names" do
      expect(names["use crate::capi::wasm_a;\npub use crate::capi::{\n    wasm_b as B,\n    wasm_c,\n};"]).to include("wasm_a", "wasm_b", "wasm_c")
    end

    it "ignores comments and literals" do
      expect(names[<<~'RUST']).to eq(%w[wasm_a wasm_b wasm_c wasm_d wasm_e])
        /// [`capi::wasm_x`] /* "
        //! capi::wasm_x
        fn f<'a>() { let _ = ("// \" capi::wasm_x", '"', b'\'', r#"" capi::wasm_x"#); capi::wasm_a(); } // capi::wasm_x
        /* capi::wasm_x
           capi::{wasm_x} */
        fn g() { capi::wasm_b("http://x"); capi::wasm_c(/* capi::wasm_x */); capi::wasm_d() }
        fn h() { f('"'); capi::wasm_e(); f('"') }
      RUST
    end

    describe "given to a macro" do
      macro = <<~RUST
        macro_rules! options {
            ($($kind:ident $name:literal => $function:ident,)+) => { &[$($crate::options!(@ $kind $function)),+] };
            (@ Absent $function:ident) => { Setter::Absent };
            (@ $kind:ident $function:ident) => { Setter::$kind(|config| unsafe { $crate::capi::$function(config) }) };
        }
      RUST

      it "are found in another file" do
        table = %(static OPTIONS: X = options! {\n    Bool "a" => wasm_a_set,\n    U32 "b" => wasm_b_set,\n};\nfn f() { options!(Bool wasm_c_set) })
        expect(names[macro, table]).to include("wasm_a_set", "wasm_b_set", "wasm_c_set")
      end

      it "are not found where the setter is not called" do
        table = %(options! {\n    Bool "a" => wasm_a_set,\n    Absent "b" => wasm_b_set,\n})
        expect(names[macro, table]).to include("wasm_a_set").and(satisfy { |found| !found.include?("wasm_b_set") })
      end

      it "are not found where the macro calls nothing" do
        expect(names["macro_rules! show { ($name:ident) => { stringify!($name) }; }", "show!(wasm_a);"]).to eq([])
      end
    end
  end
end
