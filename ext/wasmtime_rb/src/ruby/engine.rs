//! `Wasmtime::Engine`.

use super::pooling_allocation_config::PoolingAllocationConfig;
use crate::handle::config::OPTIONS;
use crate::handle::fault::Fault;
use crate::handle::option::{Given, Takes};
use crate::runtime::engine::{Builder, EngineInner, INTERRUPTIBLE};
use crate::runtime::error::{self, Kind};
use crate::runtime::{compile, convert, escape};
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Integer, Module as _, Object, RArray, RHash, RString, Ruby, TryConvert, Value};
use rb_sys::VALUE;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An engine, frozen and shareable between Ractors.
#[magnus::wrap(class = "Wasmtime::Engine", free_immediately, size, frozen_shareable)]
pub struct Engine(Arc<EngineInner>);

impl Engine {
    /// What the runtime shares.
    pub fn arc(&self) -> &Arc<EngineInner> {
        &self.0
    }

    /// `pairs`: names and values the Ruby layer has checked.
    fn new(ruby: &Ruby, pairs: RArray, description: String, recipe: Option<RString>) -> Result<Obj<Self>, Error> {
        let mut builder = Builder::new().map_err(error::from_fault)?;
        for pair in pairs {
            let (name, value) = <(String, Value)>::try_convert(pair)?;
            configure(ruby, &mut builder, &name, value)?;
        }
        let engine = builder.build(&description).or_else(|fault| {
            if !builder.pools() {
                return Err(fault);
            }
            // A pool reserves terabytes of address space, and engines nobody uses any more may hold all there is.
            ruby.gc_start();
            builder.build(&description)
        });
        let engine = engine.map_err(error::from_fault)?;
        if let Some(recipe) = recipe {
            // SAFETY: copied before anything of Ruby runs.
            _ = engine.recipe.set(unsafe { recipe.as_slice() }.into());
        }
        Ok(wrap(ruby, engine))
    }

    /// The bytes that `_new` was given.
    fn recipe(ruby: &Ruby, this: &Self) -> Option<RString> {
        this.0.recipe.get().map(|recipe| ruby.str_from_slice(recipe))
    }

    fn equal(this: Obj<Self>, other: Value) -> bool {
        Obj::<Self>::try_convert(other).is_ok_and(|other| Arc::ptr_eq(&this.0, &other.0))
    }

    fn hash(&self) -> u64 {
        self.0.id
    }

    fn inspect(&self) -> String {
        let separator = if self.0.description.is_empty() { "" } else { " " };
        format!("#<Wasmtime::Engine{separator}{}>", self.0.description)
    }

    fn increment_epoch(&self) {
        self.0.increment_epoch();
    }

    fn start_epoch_interval(&self, milliseconds: Value) -> Result<(), Error> {
        let milliseconds = convert::to_u64(milliseconds.as_raw(), "milliseconds")?;
        let Some(milliseconds) = NonZeroU64::new(milliseconds) else {
            return Err(error::argument("an epoch interval must be at least 1 millisecond"));
        };
        self.0.start_epoch_interval(milliseconds);
        Ok(())
    }

    fn stop_epoch_interval(&self) {
        self.0.stop_epoch_interval();
    }

    fn precompile_module(ruby: &Ruby, this: &Self, wasm: RString) -> Result<RString, Error> {
        precompile(ruby, &this.0, wasm, escape::precompile_module)
    }

    fn precompile_component(ruby: &Ruby, this: &Self, wasm: RString) -> Result<RString, Error> {
        precompile(ruby, &this.0, wasm, escape::precompile_component)
    }

    fn compatibility_key(ruby: &Ruby, this: &Self) -> Result<RString, Error> {
        let key = escape::compatibility_key(&this.0.handle).map_err(|text| error::raise(Kind::Base, &text))?;
        let key = ruby.str_new(&key);
        key.freeze();
        Ok(key)
    }

    fn pulley(&self) -> bool {
        self.0.handle.is_pulley()
    }

    /// Name => true, a largest number, or the list of choices.
    fn options(ruby: &Ruby) -> Result<RHash, Error> {
        let options = ruby.hash_new();
        for row in OPTIONS {
            options.aset(ruby.to_symbol(row.name), takes(ruby, row.takes()))?;
        }
        for name in escape::CONFIG_SWITCHES.into_iter().chain([INTERRUPTIBLE]) {
            options.aset(ruby.to_symbol(name), takes(ruby, Takes::Bool))?;
        }
        Ok(options)
    }
}

/// What an option takes, as the Ruby layer reads it.
pub fn takes(ruby: &Ruby, takes: Takes) -> Value {
    match takes {
        Takes::Bool => ruby.qtrue().as_value(),
        Takes::Number { max } => ruby.integer_from_u64(max).as_value(),
        Takes::Choice(names) => ruby.ary_from_iter(names.iter().map(|name| ruby.to_symbol(name))).as_value(),
    }
}

/// A Ruby Engine for one that exists.
pub fn wrap(ruby: &Ruby, inner: Arc<EngineInner>) -> Obj<Engine> {
    let engine = ruby.obj_wrap(Engine(inner));
    engine.freeze();
    engine
}

fn configure(ruby: &Ruby, builder: &mut Builder, name: &str, value: Value) -> Result<(), Error> {
    match name {
        "target" => {
            let triple = String::try_convert(value)?;
            let invalid = |fault: Fault| error::argument(&format!("Invalid target: {triple}: {}", fault.to_text()));
            builder.target(&triple).map_err(invalid)
        }
        "cache" => builder.cache(Option::<String>::try_convert(value)?.as_deref()).map_err(error::from_fault),
        "allocation_strategy" => {
            builder.pooling(Obj::<PoolingAllocationConfig>::try_convert(value)?.handle());
            Ok(())
        }
        "cranelift_flags" => RArray::try_convert(value)?.into_iter().try_for_each(|pair| {
            let (flag, value) = <(String, Option<String>)>::try_convert(pair)?;
            builder.cranelift_flag(&flag, value.as_deref()).map_err(error::from_fault)
        }),
        _ => with_given(ruby, value, |given| builder.set(name, given)),
    }
}

/// Hands a checked Ruby value on as the native layer takes it.
pub fn with_given(ruby: &Ruby, value: Value, set: impl FnOnce(Given) -> Result<(), Fault>) -> Result<(), Error> {
    let done = if let Some(number) = Integer::from_value(value) {
        set(Given::Number(number.to_u64()?))
    } else if value.is_kind_of(ruby.class_string()) {
        set(Given::Choice(&String::try_convert(value)?))
    } else {
        set(Given::Bool(value.to_bool()))
    };
    done.map_err(error::from_fault)
}

type Compile = fn(&crate::handle::engine::Engine, &[u8]) -> Result<Vec<u8>, String>;

fn precompile(ruby: &Ruby, engine: &Arc<EngineInner>, wasm: RString, compile: Compile) -> Result<RString, Error> {
    let (wasm, engine) = (super::module::source(wasm)?, engine.clone());
    let compiled = compile::in_pool(move || engine.compile(|compiler| compile(compiler, &wasm)))?;
    compiled.map(|code| ruby.str_from_slice(&code)).map_err(|text| error::raise(Kind::Compile, &text))
}

/// The default engine's object; 0 before there is one. Registered with the garbage collector.
static DEFAULT: AtomicUsize = AtomicUsize::new(0);
/// Whether anybody has been given the default engine. Guards `DEFAULT` too; never held while Ruby runs.
static USED: Mutex<bool> = Mutex::new(false);

const _: () = assert!(size_of::<VALUE>() == size_of::<usize>());

fn default(ruby: &Ruby) -> Result<Value, Error> {
    if let Some(engine) = use_default(None) {
        return Ok(engine);
    }
    let engine = wrap(ruby, Builder::new().and_then(|builder| builder.build("")).map_err(error::from_fault)?);
    // Another Ractor may have been faster.
    Ok(use_default(Some(engine.as_value())).unwrap_or(engine.as_value()))
}

/// The default engine, which is `new` when there is none yet. From now on it stays.
fn use_default(new: Option<Value>) -> Option<Value> {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(new) = new.filter(|_| DEFAULT.load(Ordering::Relaxed) == 0) {
        store_default(new);
    }
    let engine = DEFAULT.load(Ordering::Relaxed);
    *used |= engine != 0;
    // SAFETY: the slot holds a live object, kept by the garbage collector.
    (engine != 0).then(|| unsafe { Value::from_raw(engine as VALUE) })
}

#[allow(clippy::unnecessary_cast, reason = "VALUE is unsigned long, which is as wide as usize")]
fn store_default(engine: Value) {
    DEFAULT.store(engine.as_raw() as usize, Ordering::Relaxed);
}

fn set_default(engine: Obj<Engine>) -> Result<(), Error> {
    let used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    if *used {
        drop(used);
        return Err(error::raise(Kind::Base, "the default engine is in use already: set Wasmtime::Engine.default before anything reads it"));
    }
    store_default(engine.as_value());
    Ok(())
}

/// Keeps the default engine alive and where it is; once, however often Ruby loads us.
fn register_default() {
    static REGISTERED: AtomicBool = AtomicBool::new(false);
    if !REGISTERED.swap(true, Ordering::Relaxed) {
        // SAFETY: a static outlives everything, and holds either 0 (false to Ruby) or an object.
        unsafe { rb_sys::rb_gc_register_address(DEFAULT.as_ptr().cast()) };
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    register_default();
    let class = error::define_class(ruby, "Engine")?;
    let singleton = class.singleton_class()?;
    singleton.define_private_method("_new", method!(|ruby: &Ruby, _: Value, pairs, text, recipe| Engine::new(ruby, pairs, text, recipe), 3))?;
    class.define_singleton_method("default", function!(default, 0))?;
    class.define_singleton_method("default=", function!(set_default, 1))?;
    class.define_singleton_method("_options", function!(Engine::options, 0))?;
    class.define_method("==", method!(Engine::equal, 1))?;
    class.define_method("eql?", method!(Engine::equal, 1))?;
    class.define_method("hash", method!(Engine::hash, 0))?;
    class.define_method("inspect", method!(Engine::inspect, 0))?;
    class.define_private_method("_recipe", method!(Engine::recipe, 0))?;
    class.define_method("increment_epoch", method!(Engine::increment_epoch, 0))?;
    class.define_method("start_epoch_interval", method!(Engine::start_epoch_interval, 1))?;
    class.define_method("stop_epoch_interval", method!(Engine::stop_epoch_interval, 0))?;
    class.define_method("precompile_module", method!(Engine::precompile_module, 1))?;
    class.define_method("precompile_component", method!(Engine::precompile_component, 1))?;
    class.define_method("precompile_compatibility_key", method!(Engine::compatibility_key, 0))?;
    class.define_method("pulley?", method!(Engine::pulley, 0))
}
