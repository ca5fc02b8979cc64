//! `Component::ExportIndex`.

use crate::handle::component::export_index::RawExportIndex;
use magnus::rb_sys::FromRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Ruby, TryConvert, TypedData, Value, gc};
use rb_sys::VALUE;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Where an export lies in a component.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::ExportIndex", free_immediately, mark, size)]
pub struct ExportIndex {
    pub raw: RawExportIndex,
    /// The Ruby component; with the path it tells what C does not: whether two places are the same.
    component: VALUE,
    path: Vec<String>,
}

impl DataTypeFunctions for ExportIndex {
    fn mark(&self, _marker: &gc::Marker) {
        // SAFETY: called by Ruby's GC; a live object, pinned.
        unsafe { rb_sys::rb_gc_mark(self.component) }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl ExportIndex {
    /// The place of `name` within `parent`.
    pub fn wrap(ruby: &Ruby, raw: RawExportIndex, component: VALUE, parent: Option<Obj<Self>>, name: String) -> Obj<Self> {
        let path = parent.iter().flat_map(|parent| parent.path.iter().cloned()).chain([name]).collect();
        ruby.obj_wrap(Self { raw, component, path })
    }

    fn component(this: Obj<Self>) -> Value {
        // SAFETY: a live object that the index marks.
        unsafe { Value::from_raw(this.component) }
    }

    fn same(this: Obj<Self>, other: Value) -> bool {
        Obj::<Self>::try_convert(other).is_ok_and(|other| this.component == other.component && this.path == other.path)
    }

    fn hash(&self) -> u32 {
        let mut hasher = DefaultHasher::new();
        self.path.hash(&mut hasher);
        u32::try_from(hasher.finish() >> 32).unwrap_or(0)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "ExportIndex")?;
    class.define_private_method("_component", method!(ExportIndex::component, 0))?;
    class.define_method("==", method!(ExportIndex::same, 1))?;
    class.define_method("eql?", method!(ExportIndex::same, 1))?;
    class.define_method("hash", method!(ExportIndex::hash, 0))
}
