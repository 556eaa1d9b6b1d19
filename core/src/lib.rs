//! The rules of 准绳, on one page.
//!
//! *The law is data, the core is pure.* A procedure is a TOML file ([`procedure`]), proved lawful before it runs
//! ([`check`]); a person's wish is a
//! [`matter::Command`]; [`matter::decide`] answers with events or with refusals; [`matter::MatterState::apply`]
//! folds events; [`clock`] counts legal time limits and says why; [`record`] turns one act into the canonical
//! bytes and the leaf that the county publishes; [`indicator`] defines the figures.
//!
//! Never here: the time of day, files, SQL, HTTP, async, randomness. `today`, ids, numbers and salts come in
//! through [`matter::Context`], so the same trace and seed give the same root.

pub mod appraisal;
pub mod authority;
pub mod basis;
pub mod calendar;
pub mod check;
pub mod clock;
pub mod court_table;
pub mod credit;
pub mod day;
pub mod discretion;
pub mod draw;
pub mod guide;
pub mod id;
pub mod indicator;
pub mod law;
pub mod leniency;
pub mod like_cases;
pub mod limits;
pub mod matter;
pub mod numeral;
pub mod overdue;
pub mod procedure;
pub mod record;
pub mod recording;
pub mod refusal;
pub mod retention;
pub mod review;
pub mod statute;
pub mod table;
pub mod text;
pub mod training;
pub mod yearly;
