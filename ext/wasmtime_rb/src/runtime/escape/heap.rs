//! What the C API cannot say about types with an identity and about exceptions.

use crate::handle::context::Ctx;
use crate::handle::engine::Engine;
use crate::handle::fault::Fault;
use crate::handle::heaptype::HeapRef;
use crate::handle::val::{RawAnyref, RawExnref, Val};
use wasmtime::AsContextMut;

const _: () = {
    assert!(size_of::<wasmtime_c_api::wasmtime_val_t>() == size_of::<Val>());
    assert!(size_of::<wasmtime_c_api::wasmtime_anyref_t>() == size_of::<RawAnyref>());
    assert!(align_of::<wasmtime_c_api::wasmtime_anyref_t>() == align_of::<RawAnyref>());
    assert!(size_of::<wasmtime_c_api::wasmtime_exnref_t>() == size_of::<RawExnref>());
    assert!(align_of::<wasmtime_c_api::wasmtime_exnref_t>() == align_of::<RawExnref>());
};

fn valtype(ty: &HeapRef) -> &wasmtime::ValType {
    // SAFETY: the C value type is Wasmtime's own (`pub type wasm_valtype_t = ValType`), alive as long as its owner.
    unsafe { &*ty.as_raw().cast() }
}

fn engine_of(ty: &HeapRef) -> Option<&wasmtime::Engine> {
    use wasmtime::HeapType;
    match valtype(ty).as_ref()?.heap_type() {
        HeapType::ConcreteStruct(ty) => Some(ty.engine()),
        HeapType::ConcreteArray(ty) => Some(ty.engine()),
        HeapType::ConcreteFunc(ty) => Some(ty.engine()),
        HeapType::ConcreteExn(ty) => Some(ty.engine()),
        _ => None,
    }
}

/// Whether a type was registered in `engine`. To be replaced by a C function that tells a type's engine, which does not exist; using a type
/// elsewhere aborts.
pub fn belongs_to(ty: &HeapRef, engine: &Engine) -> bool {
    engine_of(ty).is_some_and(|own| wasmtime::Engine::same(own, super::engine_ref(engine)))
}

/// Whether `ty` is the same type as `other` or declared below it. To be replaced by a C function that compares types with subtyping;
/// `wasmtime_wasm_valtype_equal` knows equality only, and aborts on types of two engines, of which neither is a subtype here.
pub fn is_subtype(ty: &HeapRef, other: &HeapRef) -> bool {
    let same_engine = engine_of(ty).zip(engine_of(other)).is_some_and(|(one, two)| wasmtime::Engine::same(one, two));
    let heap = |ty| valtype(ty).as_ref().map(wasmtime::RefType::heap_type);
    // The heap types alone: which references to them may be null says nothing about the types.
    same_engine && heap(ty).zip(heap(other)).is_some_and(|(one, two)| one.matches(two))
}

/// A number that is the same for equal types.
pub fn hash(ty: &HeapRef) -> usize {
    // Equal types have as many fields and the same ones; more than their number would have to be told apart by depth.
    ty.fields().len().wrapping_mul(31).wrapping_add(ty.kind() as usize)
}

/// A new array of these elements, owned by the caller. `wasmtime_arrayref_new` repeats one value; to be replaced by a C function that takes
/// several. Type and values belong to this context's engine and store.
pub fn array_new(context: Ctx, ty: &HeapRef, vals: &[Val]) -> Result<RawAnyref, Fault> {
    let Some(array) = valtype(ty).as_ref().and_then(|ty| ty.heap_type().as_concrete_array()).cloned() else {
        return Err(Fault::message("the type is no array type"));
    };
    let mut scope = wasmtime::RootScope::new(super::store_context(&context));
    // SAFETY: a C value is a `wasmtime_val_t` (asserted by size), live and of this store, which the caller vouches for.
    let vals: Vec<_> =
        vals.iter().map(|val| unsafe { (*std::ptr::from_ref(val).cast::<wasmtime_c_api::wasmtime_val_t>()).to_val(&mut scope) }).collect();
    let made = super::guarded(|| {
        let pre = wasmtime::ArrayRefPre::new(&mut scope, array);
        let made = wasmtime::ArrayRef::new_fixed(&mut scope, &pre, &vals)?;
        made.to_anyref().to_owned_rooted(&mut scope)
    });
    let made: wasmtime_c_api::wasmtime_anyref_t = made.map_err(Fault::message)?.into();
    // SAFETY: the same struct by C's declaration and by Rust's, as asserted above; ownership moves along.
    Ok(unsafe { std::mem::transmute::<wasmtime_c_api::wasmtime_anyref_t, RawAnyref>(made) })
}

/// Takes the exception that ended the last call, owned by the caller. `wasmtime_context_take_exception` roots what it takes in the store itself
/// for as long as the store lives; to be replaced by it once it uses a scope.
pub fn take_exception(context: Ctx) -> Option<RawExnref> {
    if !context.has_exception() {
        return None;
    }
    let mut scope = wasmtime::RootScope::new(super::store_context(&context));
    let rooted = scope.as_context_mut().take_pending_exception()?;
    let owned = rooted.to_owned_rooted(&mut scope).ok()?;
    // SAFETY: the same struct by C's declaration and by Rust's, as asserted above; ownership moves along.
    Some(unsafe { std::mem::transmute::<wasmtime_c_api::wasmtime_exnref_t, RawExnref>(owned.into()) })
}
