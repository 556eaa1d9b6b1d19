//! Pages, one file per noun. A page is a struct and a template of the same name; its handler loads, fills, returns.

pub mod account;
pub mod admin;
pub mod calendars;
pub mod citizen;
pub mod demonstration;
pub mod deposits;
pub mod desk;
pub mod discretion;
pub mod dispute;
pub mod evidence;
pub mod figures;
pub mod guide;
pub mod law;
pub mod limits;
pub mod line;
pub mod log;
pub mod look;
pub mod matter;
pub mod matters;
pub mod matters_export;
pub mod posts;
pub mod procedure;
pub mod statutes;
pub mod step;
pub mod time;
pub mod verify;
