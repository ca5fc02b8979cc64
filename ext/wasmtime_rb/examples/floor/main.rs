//! The floor of every benchmark: the same operations as plain loops over the Wasmtime C API, with nothing of Ruby in between. Prints a line per
//! row, `name<TAB>nanoseconds`: the best of several rounds. Used by bench/support.rb; `floor [pattern] [module.wasm]`: only rows with
//! the pattern in their name; the module to compile, without which there is no such row.

extern crate wasmtime_c_api as _;

#[path = "../../src/capi.rs"]
mod capi;
mod component;

use capi::*;
use std::ffi::c_void;
use std::hint::black_box;
use std::ptr::null_mut;
use std::time::Instant;

const ROUNDS: usize = 5;
/// Nanoseconds a round should take.
const ROUND: f64 = 3e7;

const CALLS: &str = r#"(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (func (export "nop"))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "gcd") (param $a i32) (param $b i32) (result i32) (local $rest i32)
    (loop $again
      (if (i32.eqz (local.get $b)) (then (return (local.get $a))))
      (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
      (local.set $a (local.get $b))
      (local.set $b (local.get $rest))
      (br $again))
    unreachable)
  (func (export "addf") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "pair") (param i64) (result i64 i64) (local.get 0) (local.get 0))
  (func (export "identity") (param externref) (result externref) (local.get 0))
  (func (export "loop") (param $count i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $host (local.get $count))))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $sum)))"#;
const EMPTY: &str = "(module)";
const MEMORY: &str = r#"(module (memory (export "memory") 1))"#;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let row = |name: &str, measure: &dyn Fn() -> f64| {
        if name.contains(&wanted) {
            println!("{name}\t{:.1}", measure());
        }
    };
    let plain = Engine::new(|_| {});
    let pooling = Engine::new(pool);

    row("call nop", &|| plain.call(0, &[]));
    row("call add", &|| plain.call(1, &[wasmtime_val_raw { i32_: 1 }, wasmtime_val_raw { i32_: 2 }]));
    // As in bench/call.rb: a gcd that is found at once.
    row("call gcd", &|| plain.call(2, &[wasmtime_val_raw { i32_: 6 }, wasmtime_val_raw { i32_: 0 }]));
    row("call addf", &|| plain.call(3, &[wasmtime_val_raw { f64_: 1.5 }, wasmtime_val_raw { f64_: 2.5 }]));
    row("call pair", &|| plain.call(4, &[wasmtime_val_raw { i64_: 7 }]));
    row("call externref", &|| plain.externref(5));
    row("host call", &|| plain.host_call(6));
    row("store", &|| plain.store_alone());
    row("linker empty", &|| plain.instantiate(EMPTY, false));
    row("pre empty", &|| plain.instantiate(EMPTY, true));
    row("linker memory", &|| plain.instantiate(MEMORY, false));
    row("pre memory", &|| plain.instantiate(MEMORY, true));
    row("pooling linker memory", &|| pooling.instantiate(MEMORY, false));
    row("pooling pre memory", &|| pooling.instantiate(MEMORY, true));
    row("component id-u32", &|| component::id_u32(&plain));
    row("component record", &|| component::record(&plain));
    if let Some(path) = std::env::args().nth(2) {
        let wasm = std::fs::read(path).expect("the module cannot be read");
        // As the engines of the gem compile: interruptible.
        // SAFETY: the configuration is live.
        let interruptible = Engine::new(|config| unsafe { wasmtime_config_epoch_interruption_set(config, true) });
        row("compile", &|| interruptible.compilation(&wasm));
    }
}

/// Nanoseconds per operation: the best of several rounds after a warming one. `run` does its operation so many times.
fn best(mut run: impl FnMut(usize)) -> f64 {
    let mut count = 16;
    loop {
        let nanoseconds = timed(&mut run, count);
        if nanoseconds > ROUND / 8.0 || count > 1 << 28 {
            count = ((count as f64) * ROUND / nanoseconds).max(1.0) as usize;
            break;
        }
        count *= 2;
    }
    (0..ROUNDS).map(|_| timed(&mut run, count) / count as f64).fold(f64::INFINITY, f64::min)
}

fn timed(run: &mut impl FnMut(usize), count: usize) -> f64 {
    let start = Instant::now();
    run(count);
    start.elapsed().as_nanos() as f64
}

fn check(error: *mut wasmtime_error_t) {
    if !error.is_null() {
        let mut message = wasm_name_t { size: 0, data: null_mut() };
        // SAFETY: a live error; the message is written and never freed: the process ends.
        let text = unsafe {
            wasmtime_error_message(error, &mut message);
            std::slice::from_raw_parts(message.data.cast::<u8>(), message.size)
        };
        panic!("{}", String::from_utf8_lossy(text));
    }
}

unsafe extern "C" fn host(_: *mut c_void, _: *mut wasmtime_caller_t, values: *mut wasmtime_val_raw_t, _: usize) -> *mut wasm_trap_t {
    // SAFETY: Wasmtime passes room for a parameter and a result.
    unsafe { (*values).i32_ = (*values).i32_.wrapping_add(1) };
    null_mut()
}

unsafe extern "C" fn keep(_: *mut c_void) {}

fn pool(config: *mut wasm_config_t) {
    // SAFETY: the configuration is live; the settings of the pool are copied, then deleted once.
    unsafe {
        let pool = wasmtime_pooling_allocation_config_new();
        wasmtime_pooling_allocation_strategy_set(config, pool);
        wasmtime_pooling_allocation_config_delete(pool);
    }
}

struct Engine(*mut wasm_engine_t);

/// A store with an instance of [`CALLS`] in it.
struct Live {
    store: *mut wasmtime_store_t,
    context: *mut wasmtime_context_t,
    func: wasmtime_func_t,
}

impl Engine {
    fn new(configure: impl FnOnce(*mut wasm_config_t)) -> Self {
        // SAFETY: a new configuration, which the engine takes.
        let engine = unsafe {
            let config = wasm_config_new();
            configure(config);
            wasm_engine_new_with_config(config)
        };
        assert!(!engine.is_null(), "this machine cannot make the engine");
        Self(engine)
    }

    fn compile(&self, wat: &str) -> *mut wasmtime_module_t {
        let mut wasm = wasm_byte_vec_t { size: 0, data: null_mut() };
        let mut module = null_mut();
        // SAFETY: the text outlives the call; both outputs are written when no error comes.
        unsafe {
            check(wasmtime_wat2wasm(wat.as_ptr().cast(), wat.len(), &mut wasm));
            check(wasmtime_module_new(self.0, wasm.data.cast(), wasm.size, &mut module));
        }
        module
    }

    /// An instance with its `nth` export.
    fn live(&self, nth: usize) -> Live {
        let module = self.compile(CALLS);
        // SAFETY: every handle is used before it goes; what outlives this function is never freed: the process ends.
        unsafe {
            let store = wasmtime_store_new(self.0, null_mut(), None);
            let context = wasmtime_store_context(store);
            let mut params = wasm_valtype_vec_t { size: 0, data: null_mut() };
            let mut results = wasm_valtype_vec_t { size: 0, data: null_mut() };
            let types = [wasm_valtype_new(WASM_I32 as _), wasm_valtype_new(WASM_I32 as _)];
            wasm_valtype_vec_new(&mut params, 1, &types[0]);
            wasm_valtype_vec_new(&mut results, 1, &types[1]);
            let ty = wasm_functype_new(&mut params, &mut results);
            let mut import: wasmtime_extern_t = std::mem::zeroed();
            import.kind = WASMTIME_EXTERN_FUNC as _;
            wasmtime_func_new_unchecked(context, ty, Some(host), null_mut(), None, &mut import.of.func);
            let mut instance: wasmtime_instance_t = std::mem::zeroed();
            let mut trap = null_mut();
            check(wasmtime_instance_new(context, module, &import, 1, &mut instance, &mut trap));
            let mut name = null_mut();
            let mut length = 0;
            let mut item: wasmtime_extern_t = std::mem::zeroed();
            assert!(wasmtime_instance_export_nth(context, &instance, nth, &mut name, &mut length, &mut item), "no such export");
            Live { store, context, func: item.of.func }
        }
    }

    fn call(&self, nth: usize, arguments: &[wasmtime_val_raw]) -> f64 {
        let live = self.live(nth);
        best(|count| {
            for _ in 0..count {
                let mut values = [wasmtime_val_raw { i64_: 0 }; 2];
                values[..arguments.len()].copy_from_slice(black_box(arguments));
                live.run(&mut values);
                black_box(&values);
            }
        })
    }

    fn externref(&self, nth: usize) -> f64 {
        let live = self.live(nth);
        best(|count| {
            for _ in 0..count {
                // SAFETY: the context is live; each root is given up once.
                unsafe {
                    let mut given: wasmtime_externref_t = std::mem::zeroed();
                    let mut returned: wasmtime_externref_t = std::mem::zeroed();
                    assert!(wasmtime_externref_new(live.context, 8 as *mut c_void, Some(keep), &mut given), "the guest's heap is full");
                    let mut values = [wasmtime_val_raw { externref: wasmtime_externref_to_raw(live.context, &given) }; 2];
                    live.run(&mut values);
                    wasmtime_externref_from_raw(live.context, values[0].externref, &mut returned);
                    black_box(wasmtime_externref_data(live.context, &returned));
                    wasmtime_externref_unroot(&mut given);
                    wasmtime_externref_unroot(&mut returned);
                }
            }
        })
    }

    fn host_call(&self, nth: usize) -> f64 {
        let live = self.live(nth);
        best(|count| {
            let times = i32::try_from(count).unwrap_or(i32::MAX);
            live.run(&mut [wasmtime_val_raw { i32_: times }; 2]);
        })
    }

    fn store_alone(&self) -> f64 {
        best(|count| {
            for _ in 0..count {
                // SAFETY: a new store, deleted once.
                unsafe { wasmtime_store_delete(black_box(wasmtime_store_new(self.0, null_mut(), None))) };
            }
        })
    }

    fn compilation(&self, wasm: &[u8]) -> f64 {
        best(|count| {
            for _ in 0..count {
                let mut module = null_mut();
                // SAFETY: the bytes outlive the call; the module is deleted once.
                unsafe {
                    check(wasmtime_module_new(self.0, wasm.as_ptr(), wasm.len(), &mut module));
                    wasmtime_module_delete(black_box(module));
                }
            }
        })
    }

    fn instantiate(&self, wat: &str, pre: bool) -> f64 {
        let module = self.compile(wat);
        // SAFETY: the linker and what it makes stay for the rest of the process; each store is deleted once.
        unsafe {
            let linker = wasmtime_linker_new(self.0);
            let mut resolved = null_mut();
            check(wasmtime_linker_instantiate_pre(linker, module, &mut resolved));
            best(|count| {
                for _ in 0..count {
                    let store = wasmtime_store_new(self.0, null_mut(), None);
                    let context = wasmtime_store_context(store);
                    let mut instance: wasmtime_instance_t = std::mem::zeroed();
                    let mut trap = null_mut();
                    check(if pre {
                        wasmtime_instance_pre_instantiate(resolved, context, &mut instance, &mut trap)
                    } else {
                        wasmtime_linker_instantiate(linker, context, module, &mut instance, &mut trap)
                    });
                    black_box(&instance);
                    wasmtime_store_delete(store);
                }
            })
        }
    }
}

impl Live {
    fn run(&self, values: &mut [wasmtime_val_raw; 2]) {
        let mut trap: *mut wasm_trap_t = null_mut();
        // SAFETY: the function belongs to the store; the array has room for its values.
        check(unsafe { wasmtime_func_call_unchecked(self.context, &self.func, values.as_mut_ptr(), 2, &mut trap) });
        assert!(trap.is_null(), "the guest trapped");
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // SAFETY: made by `live`, deleted once.
        unsafe { wasmtime_store_delete(self.store) };
    }
}
