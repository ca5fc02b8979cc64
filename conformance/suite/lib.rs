//! Cargo wants a target; there is nothing here.
