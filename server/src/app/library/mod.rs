//! The library of statutes: importing full texts, and reading the articles that pages cite.
//!
//! Texts are public and belong to no matter: importing them is no act of the county and leaves no entry in the record.
//! Does not belong here: what a text is (core `statute::text`), where it lies (store `statutes`).

pub mod cited;
mod docx;
pub mod import;
