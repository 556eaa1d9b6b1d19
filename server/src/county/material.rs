//! The scenario files, pools and lists of places that come with the program, so that a demonstration can be made anywhere.
//!
//! Does not belong here: what they mean.

use rust_embed::RustEmbed;

use super::Fault;

#[derive(RustEmbed)]
#[folder = "../scenarios/"]
struct Scenarios;

#[derive(RustEmbed)]
#[folder = "../law/places/"]
struct Places;

fn text(file: Option<rust_embed::EmbeddedFile>, name: &str) -> Result<String, Fault> {
    let missing = || Fault::Missing { what: format!("随程序提供的文件 {name}") };
    String::from_utf8(file.ok_or_else(missing)?.data.into_owned()).map_err(|_| missing())
}

/// A file of `scenarios/`, by its path below it.
pub fn scenario_file(name: &str) -> Result<String, Fault> {
    text(Scenarios::get(name), name)
}

/// The list of places that a scenario names (`law/places/211224.csv`).
pub fn places(path: &str) -> Result<String, Fault> {
    let name = path.rsplit('/').next().unwrap_or(path);
    text(Places::get(name), path)
}
