//! A module with its engine, reflected once.

use super::engine::EngineInner;
use super::escape;
use crate::handle::module::Module as Handle;
use crate::handle::types::{ExternType, ImportType};
use std::sync::{Arc, OnceLock};

/// A module as Ruby objects share it.
pub struct ModuleInner {
    pub handle: Handle,
    pub engine: Arc<EngineInner>,
    /// Bytes of native code and data.
    pub image_size: usize,
    imports: OnceLock<Result<Vec<ImportType>, String>>,
    exports: OnceLock<Result<Vec<(String, ExternType)>, String>>,
}

impl ModuleInner {
    pub fn new(engine: Arc<EngineInner>, handle: Handle) -> Self {
        let (start, end) = handle.image_range();
        let image_size = end.saturating_sub(start);
        Self { handle, engine, image_size, imports: OnceLock::new(), exports: OnceLock::new() }
    }

    /// What Ruby's GC is told about the native code.
    pub fn code_bytes(&self) -> i64 {
        i64::try_from(self.image_size).unwrap_or(0)
    }

    /// The imports in order, with the limits of tables.
    pub fn imports(&self) -> Result<&[ImportType], String> {
        let read = || {
            let limits = escape::module_import_limits(&self.handle)?;
            let with_limits = |(mut import, limit): (ImportType, _)| {
                fill_limits(&mut import.ty, limit);
                import
            };
            Ok(self.handle.imports().into_iter().zip(limits).map(with_limits).collect())
        };
        self.imports.get_or_init(read).as_deref().map_err(Clone::clone)
    }

    /// The exports in order, with the limits of tables.
    pub fn exports(&self) -> Result<&[(String, ExternType)], String> {
        let read = || {
            let limits = escape::module_export_limits(&self.handle)?;
            let with_limits = |((name, mut ty), limit): ((String, ExternType), _)| {
                fill_limits(&mut ty, limit);
                (name, ty)
            };
            Ok(self.handle.exports().into_iter().zip(limits).map(with_limits).collect())
        };
        self.exports.get_or_init(read).as_deref().map_err(Clone::clone)
    }
}

fn fill_limits(ty: &mut ExternType, found: Option<crate::handle::types::Limits>) {
    if let ExternType::Table { limits, .. } = ty {
        *limits = found;
    }
}
