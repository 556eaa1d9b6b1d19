//! Pages, one file per noun. A page is a struct and a template of the same name; its handler loads, fills, returns.

pub mod account;
pub mod citizen;
pub mod demonstration;
pub mod dispute;
pub mod figures;
pub mod guide;
pub mod law;
pub mod look;
