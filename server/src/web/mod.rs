//! The only HTTP, HTML and JSON in the house.
//!
//! Does not belong here: SQL, decisions, anything that a command or the simulator would need as well.

pub mod address;
pub mod api;
pub mod assets;
pub mod citation;
pub mod cookie;
pub mod download;
pub mod error;
pub mod extract;
pub mod first;
pub mod form;
pub mod frame;
pub mod guard;
pub mod layout;
pub mod official;
pub mod pages;
pub mod patience;
pub mod picture;
pub mod qr;
pub mod relay;
pub mod router;
pub mod security;
pub mod serve;
pub mod trace;
pub mod typed;
pub mod upload;
pub mod visitor;

pub use error::{PageError, Reason};
pub use extract::{ApiCaller, InPerson, Json, Path, Query, SignedIn, Staff};
pub use form::Form;
pub use layout::{Layout, answered, render};
pub use official::{Administrator, Official, Program};
pub use visitor::Visitor;
