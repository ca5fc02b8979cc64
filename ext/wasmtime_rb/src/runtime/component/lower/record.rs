//! Records: from Hashes, Structs, and whatever answers the names of the fields.

use super::super::super::error;
use super::super::lift::long;
use super::super::names;
use super::super::values::{entry, has_type, mismatch, shown};
use super::Lowering;
use crate::handle::component::val::{OwnedVal, RawVal};
use crate::handle::component::valtype::{Name, Type};
use magnus::Error;
use magnus::rb_sys::protect;
use rb_sys::VALUE;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Records with more fields keep their values in a Ruby Array.
const FEW: usize = 16;
/// Stands for a field that is not there; no program can have it.
const MISSING: VALUE = rb_sys::Qundef as VALUE;

impl Lowering<'_> {
    pub(super) fn record(&self, fields: &[(Name, Type)], value: VALUE) -> Result<OwnedVal, Error> {
        let mut record = OwnedVal(RawVal::record(fields.len()));
        // SAFETY: a record, as just made.
        let mut slots = unsafe { record.0.fields_mut() }.iter_mut();
        self.each_field(fields, value, |name, ty, value| {
            if let Some(slot) = slots.next() {
                slot.set_name(&name.text);
                slot.val = self.lower(ty, value)?.into_raw();
            }
            Ok(())
        })?;
        Ok(record)
    }

    /// Finds the fields' values in an object, then yields them in order.
    pub(in super::super) fn each_field(
        &self,
        fields: &[(Name, Type)],
        object: VALUE,
        mut each: impl FnMut(&Name, &Type, VALUE) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut few = [NIL; FEW];
        let is_few = fields.len() <= FEW;
        // SAFETY: a new Array on our stack, which only we know.
        let many = if is_few { NIL } else { unsafe { rb_sys::rb_ary_tmp_new(long(fields.len())) } };
        self.find_fields(fields, object, |index, found| match few.get_mut(index).filter(|_| is_few) {
            Some(slot) => *slot = found,
            // SAFETY: as above; what it raises is caught.
            None => unsafe { rb_sys::rb_ary_store(many, long(index), found) },
        })?;
        for (index, (name, ty)) in fields.iter().enumerate() {
            let value = if is_few { few.get(index).copied().unwrap_or(NIL) } else { entry(many, index) };
            if value == MISSING {
                return Err(missing(&name.text, object));
            }
            self.at(each(name, ty, value), || format!("field \"{}\"", name.text))?;
        }
        std::hint::black_box(many);
        Ok(())
    }

    /// Finds the fields' values, which a Hash, a Struct or any other object has.
    fn find_fields(&self, fields: &[(Name, Type)], value: VALUE, mut put: impl FnMut(usize, VALUE)) -> Result<(), Error> {
        let is_hash = has_type(value, rb_sys::ruby_value_type::RUBY_T_HASH);
        if !is_hash && (rb_sys::SPECIAL_CONST_P(value) || is_scalar(value)) {
            return Err(mismatch("record", value));
        }
        protect(|| {
            for (index, (name, _)) in fields.iter().enumerate() {
                let (key, snake) = (names::at(self.names, name.index), names::snake(self.names, name.index));
                // SAFETY: under protect, with nothing to drop: Strings' hashes, methods and comparisons may run code of the program.
                put(index, unsafe { if is_hash { from_hash(value, key, snake) } else { from_object(value, snake) } });
            }
            NIL
        })
        .map(|_| ())
    }
}

#[cold]
fn missing(field: &str, object: VALUE) -> Error {
    error::argument(&format!("struct field missing: {field} in {}", shown(object)))
}

/// A field of a Hash, by its name as a String or a Symbol, also with underscores for hyphens.
///
/// # Safety
/// Under protect, with nothing to drop in the frames above it.
unsafe fn from_hash(hash: VALUE, key: VALUE, snake: VALUE) -> VALUE {
    for name in [key, snake] {
        // SAFETY: the caller's promise; live Strings.
        unsafe {
            let found = rb_sys::rb_hash_lookup2(hash, name, MISSING);
            if found != MISSING {
                return found;
            }
            let mut name = name;
            let symbol = rb_sys::rb_check_symbol(&mut name);
            if symbol != NIL {
                let found = rb_sys::rb_hash_lookup2(hash, symbol, MISSING);
                if found != MISSING {
                    return found;
                }
            }
        }
        if key == snake {
            break;
        }
    }
    MISSING
}

/// What an object answers to the name of a field.
///
/// # Safety
/// As for [`from_hash`].
unsafe fn from_object(object: VALUE, snake: VALUE) -> VALUE {
    let mut name = snake;
    // SAFETY: the caller's promise; a name without an ID is no method's.
    unsafe {
        let id = rb_sys::rb_check_id(&mut name);
        if id == 0 || rb_sys::rb_obj_respond_to(object, id, 0) == 0 {
            return MISSING;
        }
        rb_sys::rb_funcallv(object, id, 0, std::ptr::null())
    }
}

/// Whether a value has parts by name for reasons of its own.
fn is_scalar(value: VALUE) -> bool {
    use rb_sys::ruby_value_type as t;
    [t::RUBY_T_STRING, t::RUBY_T_ARRAY, t::RUBY_T_SYMBOL, t::RUBY_T_FLOAT, t::RUBY_T_BIGNUM].into_iter().any(|ty| has_type(value, ty))
}
