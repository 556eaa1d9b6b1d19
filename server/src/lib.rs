//! The world of 准绳: store, use cases, web. The rules are in `zhunsheng-core`.
//!
//! Who may import whom: core ◄ store ◄ app ◄ web, jobs, county, witness ◄ commands ◄ main.

pub mod app;
pub mod commands;
pub mod config;
pub mod county;
pub mod jobs;
pub mod store;
pub mod web;
pub mod witness;
