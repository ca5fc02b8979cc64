//! Owners and safe faces of the C API's pointers. No Ruby here: a precondition the C API enforces by aborting is checked in this layer or
//! named in the doc of the method that has it.

macro_rules! owned_handle {
    ($(#[$doc:meta])* $vis:vis struct $name:ident($raw:ty) => $delete:path;) => {
        $(#[$doc])*
        $vis struct $name(std::ptr::NonNull<$raw>);

        impl $name {
            /// How many of these are alive, for leak specs.
            pub const KIND: &'static str = stringify!($name);

            fn count() -> &'static std::sync::atomic::AtomicIsize {
                static COUNT: std::sync::atomic::AtomicIsize = std::sync::atomic::AtomicIsize::new(0);
                &COUNT
            }

            /// Live handles of this kind in the process.
            pub fn live() -> isize {
                Self::count().load(std::sync::atomic::Ordering::Relaxed)
            }

            /// Takes ownership of `raw`; `None` when it is NULL.
            ///
            /// # Safety
            /// `raw` is NULL or a pointer this crate owns and nobody else will delete.
            pub unsafe fn from_raw(raw: *mut $raw) -> Option<Self> {
                let handle = Self(std::ptr::NonNull::new(raw)?);
                Self::count().fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                Some(handle)
            }

            /// The pointer, still owned by this handle.
            #[inline]
            pub fn as_ptr(&self) -> *mut $raw {
                self.0.as_ptr()
            }

            /// Gives the pointer away, to a C function that takes ownership.
            #[allow(dead_code, reason = "only the consumed kinds need it")]
            pub fn into_raw(self) -> *mut $raw {
                Self::count().fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                std::mem::ManuallyDrop::new(self).0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                Self::count().fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                // SAFETY: from_raw made us the only owner, and into_raw forgets the handle instead of dropping it.
                unsafe { $delete(self.0.as_ptr()) }
            }
        }
    };
}

pub mod anyref;
pub mod arrayref;
pub mod call_future;
pub mod component;
pub mod config;
pub mod context;
pub mod engine;
pub mod exnref;
pub mod externref;
pub mod externs;
pub mod fault;
pub mod func;
pub mod functype;
pub mod global;
pub mod guest_profiler;
pub mod heaptype;
pub mod instance;
pub mod linker;
pub mod memory;
pub mod module;
pub mod option;
pub mod store;
pub mod structref;
pub mod table;
pub mod types;
pub mod val;
pub mod vec;
pub mod wasi;
pub mod wat;

/// The version of Wasmtime, as its headers tell it.
pub fn version() -> String {
    crate::capi::WASMTIME_VERSION.to_string_lossy().into_owned()
}

/// Live handles by kind, for leak specs.
pub fn live_handles() -> Vec<(&'static str, isize)> {
    vec![
        (arrayref::ArrayPre::KIND, arrayref::ArrayPre::live()),
        (structref::StructPre::KIND, structref::StructPre::live()),
        (call_future::RawFuture::KIND, call_future::RawFuture::live()),
        (component::Component::KIND, component::Component::live()),
        (component::export_index::RawExportIndex::KIND, component::export_index::RawExportIndex::live()),
        (component::linker::Linker::KIND, component::linker::Linker::live()),
        (component::linker::LinkerInstance::KIND, component::linker::LinkerInstance::live()),
        (component::resource::HostResource::KIND, component::resource::HostResource::live()),
        (component::resource::RawResource::KIND, component::resource::RawResource::live()),
        (component::resource::RawResourceType::KIND, component::resource::RawResourceType::live()),
        (component::types::RawComponentType::KIND, component::types::RawComponentType::live()),
        (component::types::RawFuncType::KIND, component::types::RawFuncType::live()),
        (config::Config::KIND, config::Config::live()),
        (config::PoolingConfig::KIND, config::PoolingConfig::live()),
        (engine::Engine::KIND, engine::Engine::live()),
        (fault::Trap::KIND, fault::Trap::live()),
        (externs::SharedMemory::KIND, externs::SharedMemory::live()),
        (memory::RawMemoryType::KIND, memory::RawMemoryType::live()),
        (fault::Error::KIND, fault::Error::live()),
        (functype::RawFuncType::KIND, functype::RawFuncType::live()),
        (heaptype::RawValType::KIND, heaptype::RawValType::live()),
        (instance::InstancePre::KIND, instance::InstancePre::live()),
        (linker::Linker::KIND, linker::Linker::live()),
        (guest_profiler::GuestProfiler::KIND, guest_profiler::GuestProfiler::live()),
        (module::Module::KIND, module::Module::live()),
        (store::Store::KIND, store::Store::live()),
        (wasi::WasiConfig::KIND, wasi::WasiConfig::live()),
    ]
}
