//! Methods and functions that magnus defines, with one difference: an error is made an exception by us ([`error::eager`]). magnus would make it
//! while it raises, and ends the process when a throw, of a Timeout say, cuts that short.

use super::error::{self, Kind};
use magnus::{Error, Ruby, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a method of Ruby's gives; what it raises is raised here.
pub fn answer(work: impl FnOnce(&Ruby) -> Result<Value, Error>) -> Value {
    // SAFETY: Ruby calls methods with the GVL.
    let ruby = unsafe { Ruby::get_unchecked() };
    let error = match catch_unwind(AssertUnwindSafe(|| work(&ruby))) {
        Ok(Ok(value)) => return value,
        Ok(Err(error)) => error::eager(error),
        Err(_) => error::raise(Kind::Base, "a bug in wasmtime-rb: a method panicked"),
    };
    // SAFETY: nothing with a destructor is left in this frame, or in the one that Ruby called.
    let raised = unsafe { error::resume(error) };
    // SAFETY: never reached.
    unsafe { magnus::rb_sys::FromRawValue::from_raw(raised) }
}

/// A function as a method, whose first parameter is the object, or `&Ruby` and then the object; with so many arguments.
macro_rules! method {
    (@type $arg:ident) => { magnus::Value };
    (@make $name:expr, $plain:ident, $ruby:ident, ($($arg:ident),*)) => {{
        unsafe extern "C" fn anon(this: magnus::Value, $($arg: magnus::Value),*) -> magnus::Value {
            #[allow(unused_imports, reason = "the function has one form or the other")]
            use magnus::method::{$plain, $ruby};
            $crate::runtime::methods::answer(|ruby| ($name).call_convert_value(ruby, this, $($arg),*))
        }
        anon as unsafe extern "C" fn(magnus::Value, $(method!(@type $arg)),*) -> magnus::Value
    }};
    ($name:expr, 0) => { method!(@make $name, Method0, RubyMethod0, ()) };
    ($name:expr, 1) => { method!(@make $name, Method1, RubyMethod1, (a)) };
    ($name:expr, 2) => { method!(@make $name, Method2, RubyMethod2, (a, b)) };
    ($name:expr, 3) => { method!(@make $name, Method3, RubyMethod3, (a, b, c)) };
    ($name:expr, 4) => { method!(@make $name, Method4, RubyMethod4, (a, b, c, d)) };
    ($name:expr, 5) => { method!(@make $name, Method5, RubyMethod5, (a, b, c, d, e)) };
    ($name:expr, 6) => { method!(@make $name, Method6, RubyMethod6, (a, b, c, d, e, f)) };
}

/// A function as a method that does not look at the object; with so many arguments.
macro_rules! function {
    (@make $name:expr, $plain:ident, $ruby:ident, ($($arg:ident),*)) => {{
        unsafe extern "C" fn anon(_this: magnus::Value, $($arg: magnus::Value),*) -> magnus::Value {
            #[allow(unused_imports, reason = "the function has one form or the other")]
            use magnus::method::{$plain, $ruby};
            $crate::runtime::methods::answer(|ruby| ($name).call_convert_value(ruby, $($arg),*))
        }
        anon as unsafe extern "C" fn(magnus::Value, $(method!(@type $arg)),*) -> magnus::Value
    }};
    ($name:expr, 0) => { function!(@make $name, Function0, RubyFunction0, ()) };
    ($name:expr, 1) => { function!(@make $name, Function1, RubyFunction1, (a)) };
    ($name:expr, 2) => { function!(@make $name, Function2, RubyFunction2, (a, b)) };
    ($name:expr, 3) => { function!(@make $name, Function3, RubyFunction3, (a, b, c)) };
    ($name:expr, 4) => { function!(@make $name, Function4, RubyFunction4, (a, b, c, d)) };
    ($name:expr, 5) => { function!(@make $name, Function5, RubyFunction5, (a, b, c, d, e)) };
    ($name:expr, 6) => { function!(@make $name, Function6, RubyFunction6, (a, b, c, d, e, f)) };
}
