//! Options of a configuration: one table per kind maps each name to the C setter behind it.

use super::fault::Fault;

/// A value for an option.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    Bool(bool),
    Number(u64),
    Choice(&'a str),
}

/// The setter of an option, by the type it takes. The functions are safe: they take the owner, not its pointer.
pub enum Setter<T: 'static> {
    Bool(fn(&T, bool)),
    U32(fn(&T, u32)),
    /// How many of something a pool holds. Wasmtime allocates for each at once, and running out of memory ends the process.
    Slots(fn(&T, u32)),
    Size(fn(&T, usize)),
    U64(fn(&T, u64)),
    /// C takes the position in the list, and anything out of it is undefined behaviour.
    Choice(&'static [&'static str], fn(&T, u8)),
    /// A switch whose feature is not compiled in, so that its C function does not exist.
    Absent,
}

/// The most slots a pool may have: a hundred times what the address space has room for, and still small to count.
const MAX_SLOTS: u32 = 1_000_000;

/// An option.
pub struct Row<T: 'static> {
    pub name: &'static str,
    pub setter: Setter<T>,
}

/// What an option takes, for the layer that checks and explains.
pub enum Takes {
    Bool,
    Number { max: u64 },
    Choice(&'static [&'static str]),
}

impl<T> Row<T> {
    /// What the option takes.
    pub fn takes(&self) -> Takes {
        match self.setter {
            Setter::Bool(_) | Setter::Absent => Takes::Bool,
            Setter::U32(_) => Takes::Number { max: u32::MAX.into() },
            Setter::Slots(_) => Takes::Number { max: MAX_SLOTS.into() },
            Setter::Size(_) => Takes::Number { max: u64::try_from(usize::MAX).unwrap_or(u64::MAX) },
            Setter::U64(_) => Takes::Number { max: u64::MAX },
            Setter::Choice(names, _) => Takes::Choice(names),
        }
    }

    /// Sets the option.
    pub fn apply(&self, config: &T, given: Given) -> Result<(), Fault> {
        match (&self.setter, given) {
            (Setter::Bool(set), Given::Bool(on)) => set(config, on),
            (Setter::Slots(_), Given::Number(number)) if number > MAX_SLOTS.into() => return Err(self.refuse()),
            (Setter::U32(set) | Setter::Slots(set), Given::Number(number)) => set(config, u32::try_from(number).map_err(|_| self.refuse())?),
            (Setter::Size(set), Given::Number(number)) => set(config, usize::try_from(number).map_err(|_| self.refuse())?),
            (Setter::U64(set), Given::Number(number)) => set(config, number),
            (Setter::Choice(names, set), Given::Choice(name)) => {
                let position = names.iter().position(|known| *known == name).and_then(|position| u8::try_from(position).ok());
                set(config, position.ok_or_else(|| self.refuse())?);
            }
            (Setter::Absent, Given::Bool(false)) => {}
            (Setter::Absent, _) => {
                return Err(Fault::message(format!("{} is not compiled into this build of Wasmtime", self.name)));
            }
            _ => return Err(self.refuse()),
        }
        Ok(())
    }

    fn refuse(&self) -> Fault {
        Fault::message(format!("the value does not fit option {}", self.name))
    }
}

/// Sets the option `name` of a table; whether the table has it.
pub fn apply<T>(table: &[Row<T>], config: &T, name: &str, given: Given) -> Result<bool, Fault> {
    match table.iter().find(|row| row.name == name) {
        Some(row) => row.apply(config, given).map(|()| true),
        None => Ok(false),
    }
}

/// The rows of a table: `Kind "name" => c_function`.
macro_rules! options {
    ($($kind:ident $name:literal => $function:ident $(($($choice:literal),+))?,)+) => {
        &[$($crate::handle::option::Row {
            name: $name,
            setter: $crate::handle::option::options!(@ $kind $function $(($($choice),+))?),
        }),+]
    };
    (@ Choice $function:ident ($($choice:literal),+)) => {
        $crate::handle::option::Setter::Choice(&[$($choice),+], |config, position| {
            // SAFETY: the owner keeps its configuration alive, and `Row::apply` passes only positions of the list.
            unsafe { $crate::capi::$function(config.as_ptr(), position) }
        })
    };
    (@ Absent $function:ident) => { $crate::handle::option::Setter::Absent };
    (@ $kind:ident $function:ident) => {
        $crate::handle::option::Setter::$kind(|config, value| {
            // SAFETY: the owner keeps its configuration alive; every value of the type is allowed.
            unsafe { $crate::capi::$function(config.as_ptr(), value) }
        })
    };
}
pub(crate) use options;
