//! One file per Ruby class: arguments are converted first, then the layers below are called. Each file defines its own class.

pub mod engine;
pub mod module;
