//! Every kind of finding is documented, and has a small law that shows it and one that narrowly does not.
//!
//! The small law and its changes lie in `definitions/findings/`; `cases.toml` there says how they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use zhunsheng_core::basis::Article;
use zhunsheng_core::check::{Code, Finding, LOCK, Passage, Texts, article_digest};
use zhunsheng_core::day::Day;
use zhunsheng_core::law;
use zhunsheng_core::refusal::engine;

use super::support::files_of;

/// `docs/findings.md` lists every code; it is written anew when it differs.
#[test]
fn every_finding_is_documented() {
    let lines: String = Code::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} | {} |\n", code.severity().chinese(), code.meaning()))
        .collect();
    let text = format!(
        "# 检查发现 · Findings\n\n由测试写成（`core/tests/it/findings.rs`）。`zhunsheng law check` 逐条写明文件、行、列、理由和改法。\n错误：定义不能使用；警告：多半是写错；提示：值得知道；县情：由县里办理，从不拦下。\n\n| 代码 | 轻重 | 含义 |\n| --- | --- | --- |\n{lines}"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.md");
    if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
        std::fs::write(&path, &text).unwrap();
        panic!("docs/findings.md was written anew; look at the difference and commit it");
    }
}

/// Path and text of each file, among them `texts.toml`, which is no part of the law but what it cites.
type Files = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// See the head of `cases.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    code: String,
    subject: String,
    #[serde(default = "the_case")]
    file: String,
    #[serde(default)]
    given: Vec<Change>,
    #[serde(default)]
    within: String,
    change: String,
    shows: String,
    not: String,
    #[serde(default)]
    also: BTreeSet<String>,
    #[serde(default)]
    against: Against,
    lawful_against: Option<Against>,
}

/// What the case is given on both sides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: Option<String>,
    /// The changed file is a new one beside the old.
    copy: Option<String>,
    change: String,
    to: String,
}

/// What citations are compared with.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Against {
    /// The lock made of the lawful files.
    #[default]
    Lock,
    /// That lock and the texts.
    Texts,
    /// Neither.
    Nothing,
}

fn the_case() -> String {
    "procedures/case.toml".to_owned()
}

/// `texts.toml`: statute, day of adoption, article, words.
struct Words(BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>);

impl Texts for Words {
    fn passage(&self, statute: &str, adopted: Day, article: Article) -> Passage {
        let Some(edition) = self.0.get(statute).and_then(|editions| editions.get(&adopted.to_string())) else {
            return Passage::NoText;
        };
        match edition.get(&article.written()) {
            Some(words) => Passage::Words { words: words.clone(), digest: article_digest(words) },
            None => Passage::Missing(format!("没有{article}")),
        }
    }
}

/// Stands in `given` where a change belongs, once or several times.
const PLACE: &str = "@@";

fn small_law() -> Files {
    let mut files: Files = files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/definitions/findings"))
        .into_iter()
        .filter(|(path, _)| path != "cases.toml")
        .collect();
    let of_engine = engine::ALL
        .iter()
        .map(|code| format!("[[refusal]]\ncode = \"{code}\"\nsentence = \"不行。\"\nnext = \"改正。\"\n"));
    files.get_mut("refusals.toml").unwrap().extend(of_engine);
    files
}

fn replaced(text: &str, within: &str, from: &str, to: &str) -> String {
    let (before, after) = text.split_once(within).unwrap_or_else(|| panic!("no `{within}`"));
    assert!(after.contains(from), "no `{from}` after `{within}`");
    format!("{before}{within}{}", after.replacen(from, to, 1))
}

/// The files of a case as far as both sides have them.
fn given(case: &Case) -> Files {
    let mut files = small_law();
    for change in &case.given {
        let file = change.file.as_ref().unwrap_or(&case.file);
        let text = replaced(&files[file], "", &change.change, &change.to);
        files.insert(change.copy.as_ref().unwrap_or(file).clone(), text);
    }
    files
}

fn with(case: &Case, mut files: Files, to: &str) -> Files {
    let text = files.get_mut(&case.file).unwrap();
    *text = if case.change == PLACE {
        assert!(text.contains(PLACE), "no place");
        text.replace(PLACE, to)
    } else {
        replaced(text, &case.within, &case.change, to)
    };
    files
}

fn words(files: &Files) -> Words {
    Words(toml::from_str(&files["texts.toml"]).unwrap())
}

fn law_of(files: &Files) -> Vec<(String, String)> {
    files.iter().filter(|(path, _)| *path != "texts.toml").map(|(path, text)| (path.clone(), text.clone())).collect()
}

/// What is found in files that are compared with a lock made of the lawful ones, with texts, or with nothing.
fn found(files: &Files, lawful: &Files, against: Against) -> Result<Vec<Finding>, String> {
    let mut law = law_of(files);
    if against != Against::Nothing {
        law.push((LOCK.to_owned(), law::lock(&law_of(lawful), &words(lawful)).written()));
    }
    let words = words(files);
    let loaded = law::load_with(&law, (against == Against::Texts).then_some(&words as &dyn Texts));
    match loaded.errors.first() {
        Some(error) => Err(format!("{error}")),
        None => Ok(loaded.findings),
    }
}

/// Whether a case shows what it says and nothing else; what is wrong with it, if not.
fn holds(case: &Case) -> Result<(), String> {
    let lawful = with(case, given(case), &case.not);
    let clean = found(&lawful, &lawful, case.lawful_against.unwrap_or(case.against))?;
    if !clean.is_empty() {
        return Err(format!("narrowly does not show it, yet {}", lines(&clean)));
    }
    let shown = found(&with(case, given(case), &case.shows), &lawful, case.against)?;
    let hits = |finding: &Finding| finding.code.as_str() == case.code && finding.subject.to_string() == case.subject;
    let known = |finding: &Finding| finding.code.as_str() == case.code || case.also.contains(finding.code.as_str());
    let Some(hit) = shown.iter().find(|finding| hits(finding)) else {
        return Err(format!("is not found, but {}", lines(&shown)));
    };
    if hit.file.starts_with("procedures/") && hit.at.is_none() || hit.explanation.is_empty() || hit.mend.is_empty() {
        return Err(format!("has no place, explanation or mend: {hit}"));
    }
    let more: Vec<Finding> = shown.iter().filter(|finding| !known(finding)).cloned().collect();
    if more.is_empty() { Ok(()) } else { Err(format!("and besides {}", lines(&more))) }
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n    {finding}")).collect()
}

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("definitions/findings/cases.toml")).unwrap().case
}

#[test]
fn a_small_law_shows_each_finding_and_one_narrowly_does_not() {
    let cases = cases();
    let told = |case: &Case| Some(format!("{} at {}: {}", case.code, case.subject, holds(case).err()?));
    let wrong: Vec<String> = cases.iter().filter_map(told).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// So that no kind of finding can be added, and no pair taken away, without a word.
#[test]
fn every_kind_of_finding_has_such_a_pair() {
    let mut shown: BTreeSet<String> = cases().into_iter().map(|case| case.code).collect();
    shown.insert(Code::ExplorationBound.as_str().to_owned());
    let known: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(known, shown, "left: the kinds there are; right: those with a pair");
}

/// A chain of tracks, each of which ends after the one before: as many positions as tracks, and a bit for each.
fn chain(tracks: usize) -> Vec<(String, String)> {
    let mut files = small_law();
    files.retain(|path, _| !path.starts_with("procedures/") && !path.starts_with("tables/"));
    files.insert("refusals.toml".to_owned(), small_law()["refusals.toml"].clone());
    let mut text = "id = \"chain\"\ntitle = \"链\"\npart = \"service\"\nstatute = \"取水条例\"\nin_force_from = \"2020-01-01\"\nheld_by = \"own\"\n".to_owned();
    for n in 0..tracks {
        text.push_str(&format!("[[track]]\nid = \"t{n}\"\ntitle = \"线{n}\"\ninitial = \"a\"\nstate = [{{ id = \"a\", title = \"未\" }}, {{ id = \"b\", title = \"已\", end = true }}]\n"));
    }
    let step = |id: &str, rest: &str| {
        format!(
            "[[step]]\nid = \"{id}\"\ntitle = \"{id}\"\nkind = \"internal\"\nby = [\"head\"]\nauthority = \"制度:链\"\n{rest}\n"
        )
    };
    text.push_str(&step("open", "to = \"a\""));
    for n in 0..tracks {
        let guard = n.checked_sub(1).map_or_else(String::new, |before| {
            format!("guard = [{{ that = \"track t{before} is b\", basis = \"制度:链\", refuse = \"too_early\" }}]")
        });
        text.push_str(&step(&format!("s{n}"), &format!("track = \"t{n}\"\nfrom = [\"a\"]\nto = \"b\"\n{guard}")));
    }
    files.insert("procedures/chain.toml".to_owned(), text);
    law_of(&files)
}

/// What was not explored is not proved, and says so: 256 bits hold 255 tracks and whether the matter was opened.
#[test]
fn a_definition_that_cannot_be_explored_to_its_end_is_refused() {
    let codes = |tracks| -> Vec<Code> {
        let found = law::check_one(&chain(tracks), "procedures/chain.toml", true).unwrap();
        found.iter().map(|finding| finding.code).collect()
    };
    assert_eq!(codes(255), Vec::new());
    assert_eq!(codes(256), vec![Code::ExplorationBound]);
}
