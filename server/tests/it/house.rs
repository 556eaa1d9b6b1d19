//! The rules of the house, read from its own source: layers, files, SQL, and the documents that tests write.
//!
//! A document that is no longer true is written anew and the test fails once: look at the difference, commit it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files longer than this say why at their top.
const LINES_MAX: usize = 500;
/// Where a long file says why.
const EXCUSE: &str = "// long because:";

/// Layers of the server, inner first: each may import those before it (ARCHITECTURE.md).
const LAYERS: [(&str, &[&str]); 7] = [
    ("store", &["config"]),
    ("app", &["config", "store"]),
    // Reading for a page may ask the store; see `pages_only_read`.
    ("web", &["config", "store", "app"]),
    ("jobs", &["config", "app"]),
    ("county", &["config", "store", "app"]),
    // A program of its own in the same binary: no county, no database.
    ("witness", &["app"]),
    ("commands", &["config", "store", "app", "web", "jobs", "county", "witness"]),
];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below a folder: its path from the root of the repository, and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The source before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

/// The modules of this crate that a text names: `crate::store`, `use crate::{app, store::Db}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphanumeric() => {
                            found.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn layers_import_only_what_lies_within() {
    let layers: Vec<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let mut wrong = Vec::new();
    for (layer, allowed) in LAYERS {
        for (file, text) in sources(&format!("server/src/{layer}")) {
            for name in named(without_tests(&text)) {
                if layers.contains(&name.as_str()) && name != layer && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{file}: {layer} must not import {name}"));
                }
            }
        }
    }
    assert_eq!(wrong, [String::new(); 0]);
    let core: Vec<String> = sources("core/src")
        .into_iter()
        .filter(|(_, text)| {
            ["std::fs", "std::net", "std::env", "std::time::SystemTime", "::now()", "async fn"]
                .iter()
                .any(|never| without_tests(text).contains(never))
        })
        .map(|(file, _)| file)
        .collect();
    assert_eq!(core, [String::new(); 0], "the core has no files, clock, network or async");
}

#[test]
fn cells_leave_by_one_way() {
    let writes =
        |text: &str| ["write_string", "Writer::from_writer", "write_record"].iter().any(|call| text.contains(call));
    let out = sources("server/src").into_iter().filter(|(_, text)| writes(without_tests(text))).map(|(file, _)| file);
    assert_eq!(
        out.collect::<Vec<_>>(),
        ["server/src/app/sheet/cell.rs"],
        "a cell is made harmless where it is written"
    );
}

#[test]
fn grouped_imports_are_seen() {
    let names = named("use crate::{app::{act, fault}, store::Db, web};\nlet x = crate::jobs::start();");
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["app", "jobs", "store", "web"]);
}

#[test]
fn pages_only_read() {
    let mut wrong = Vec::new();
    for (file, text) in sources("server/src/web") {
        for never in ["db.write(", "db\n            .write(", "Tx<"] {
            if text.contains(never) {
                wrong.push(format!("{file}: {never}"));
            }
        }
    }
    assert_eq!(wrong, [String::new(); 0], "a change goes through app, where the record is kept");
}

#[test]
fn sql_stands_in_the_store_only() {
    let mut wrong = Vec::new();
    for (file, text) in sources("server/src") {
        let sql = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "rusqlite::"];
        if !file.starts_with("server/src/store/") && sql.iter().any(|word| without_tests(&text).contains(word)) {
            wrong.push(file);
        }
    }
    assert_eq!(wrong, [String::new(); 0]);
}

#[test]
fn nothing_changes_or_deletes_the_record() {
    for (file, text) in sources("server/src/store") {
        for never in ["UPDATE entry", "DELETE FROM entry", "UPDATE law_file", "DELETE FROM law_file"] {
            assert!(!text.contains(never), "{file}: {never}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_long_ones_why() {
    let mut wrong = Vec::new();
    for (file, text) in ["core/src", "core/tests", "server/src", "server/tests"].into_iter().flat_map(sources) {
        if !text.starts_with("//!") {
            wrong.push(format!("{file}: begins without //!"));
        }
        let lines = text.lines().count();
        let excused = text.lines().take(15).any(|line| line.starts_with(EXCUSE));
        if lines > LINES_MAX && !excused {
            wrong.push(format!("{file}: {lines} lines, and no `{EXCUSE} …` at its top"));
        }
        if lines <= LINES_MAX && excused {
            wrong.push(format!("{file}: {lines} lines need no excuse any more"));
        }
    }
    assert_eq!(wrong, [String::new(); 0]);
}

#[test]
fn every_test_file_is_in_the_binary() {
    let main = std::fs::read_to_string(root().join("server/tests/it/main.rs")).unwrap();
    for entry in std::fs::read_dir(root().join("server/tests/it")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name} is forgotten");
    }
}

/// Nothing names the machine it was made on.
#[test]
fn law_files_hold_no_machine_paths() {
    for (path, text) in zhunsheng::app::ruling::embedded() {
        assert!(!text.contains("/home/") && !text.contains("/work/") && !text.contains("C:\\"), "{path}");
    }
}

/// Compares a document with what it should say; writes it and fails once if they differ.
pub fn keep(path: &str, wanted: &str) {
    let file = root().join(path);
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, wanted).unwrap();
        panic!("{path} has been written anew: look at the difference and commit it");
    }
}

/// One route: path and methods.
pub struct Route {
    /// The function of router.rs that groups it.
    pub group: String,
    pub path: String,
    pub gets: bool,
    pub handlers: String,
}

/// Every route, as router.rs lists them.
pub fn routes() -> Vec<Route> {
    let text = std::fs::read_to_string(root().join("server/src/web/router.rs")).unwrap();
    let mut routes = Vec::new();
    let mut group = String::new();
    for statement in text.split(".route(") {
        let first = routes.is_empty() && group.is_empty();
        if !first || statement.starts_with('"') {
            let Some((path, rest)) = statement.strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
                continue;
            };
            let handlers = rest.split("\n").next().unwrap().trim_start_matches([',', ' ']).trim_end();
            let handlers = handlers.strip_suffix(')').unwrap_or(handlers).to_owned();
            routes.push(Route {
                group: group.clone(),
                path: path.to_owned(),
                gets: handlers.contains("get("),
                handlers,
            });
        }
        for line in statement.lines() {
            if let Some(name) = line.trim_start_matches("pub ").strip_prefix("fn ") {
                group = name.split('(').next().unwrap().to_owned();
            }
        }
    }
    routes
}

#[test]
fn the_list_of_routes() {
    let mut text = String::from(
        "# Routes\n\n由测试写成，请勿手改 · Written by a test (`server/tests/it/house.rs`) from `server/src/web/router.rs`.\n\n\
         | group | path | handlers |\n| --- | --- | --- |\n",
    );
    for route in routes() {
        text.push_str(&format!("| {} | `{}` | `{}` |\n", route.group, route.path, route.handlers));
    }
    keep("docs/routes.md", &text);
}

#[test]
fn the_list_of_refusals() {
    let (_, source) = zhunsheng::app::ruling::embedded().into_iter().find(|(path, _)| path == "refusals.toml").unwrap();
    let table: toml::Table = toml::from_str(&source).unwrap();
    let mut text = String::from(
        "# 拒绝目录 · Refusals\n\n由测试写成，请勿手改 · Written by a test from `law/refusals.toml`, in the order in which several \
         reasons are shown.\n`{…}` 由系统填入；依据为空的，由各步骤给出。\n\n\
         | 代码 | 系统怎么说 | 依据 | 下一步 |\n| --- | --- | --- | --- |\n",
    );
    for refusal in table["refusal"].as_array().unwrap() {
        let say = |key: &str| refusal.get(key).and_then(toml::Value::as_str).unwrap_or_default().replace('|', "\\|");
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", say("code"), say("sentence"), say("basis"), say("next")));
    }
    keep("docs/refusals.md", &text);
}
