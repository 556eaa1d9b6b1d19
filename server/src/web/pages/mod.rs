//! Pages, one file per noun. A page is a struct and a template of the same name; its handler loads, fills, returns.

pub mod account;
pub mod look;
