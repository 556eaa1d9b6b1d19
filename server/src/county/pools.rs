//! The texts of the demonstration: disputes, violations, documents, opinions, names; and how their places are filled.
//!
//! Does not belong here: how often something happens (`scenario.rs`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::LawError;

use super::Fault;
use super::chance::Chance;
use super::material;

/// All pools.
#[derive(Clone, Debug)]
pub struct Pools {
    /// Sentences of every dispute.
    pub common: Phrases,
    /// By kind of dispute.
    pub disputes: BTreeMap<String, Disputes>,
    /// Sentences of every penalty.
    pub penalty: Phrases,
    /// By field of enforcement.
    pub violations: BTreeMap<String, Violations>,
    /// Documents sent to review.
    pub documents: Vec<Document>,
    /// What reviewers find.
    pub problems: Vec<Problem>,
    /// What reviewers write.
    pub opinions: Phrases,
    /// Names of persons.
    pub names: Names,
    /// Enterprises.
    pub parties: Parties,
}

/// Sentences by key.
#[derive(Clone, Debug, Deserialize)]
pub struct Phrases(BTreeMap<String, Texts>);

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
    ByCode(BTreeMap<String, Text>),
    Numbers(#[allow(dead_code, reason = "a factor is read elsewhere")] Vec<f64>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    One(String),
    Many(Vec<String>),
}

impl Phrases {
    /// One of the sentences under a key; empty if there is none.
    pub fn draw(&self, key: &str, chance: &mut Chance) -> String {
        match self.0.get(key) {
            Some(Texts::One(text)) => text.clone(),
            Some(Texts::Many(texts)) => chance.pick(texts).cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// The sentence under a key for a code.
    pub fn of(&self, key: &str, code: &str, chance: &mut Chance) -> String {
        match self.0.get(key) {
            Some(Texts::ByCode(texts)) => match texts.get(code) {
                Some(Text::One(text)) => text.clone(),
                Some(Text::Many(texts)) => chance.pick(texts).cloned().unwrap_or_default(),
                None => String::new(),
            },
            _ => String::new(),
        }
    }
}

/// Disputes of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Disputes {
    pub kind: String,
    pub records: Vec<String>,
    pub failures: Vec<String>,
    pub template: Vec<Dispute>,
}

/// A dispute.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Dispute {
    pub title: String,
    pub facts: String,
    pub demand: String,
    pub terms: String,
    pub amount: Option<(i64, i64, i64)>,
    #[serde(default)]
    pub items: Vec<String>,
    pub maker: Option<String>,
}

/// Violations of a field of enforcement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Violations {
    pub field: String,
    pub case: Vec<Violation>,
}

/// A violation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Violation {
    pub id: String,
    pub violation: String,
    pub statute: String,
    pub article: String,
    #[serde(default)]
    pub item: String,
    pub from: Option<Day>,
    pub until: Option<Day>,
    pub party: String,
    pub maker: Option<String>,
    #[serde(default)]
    pub often_mitigated: bool,
    #[serde(default)]
    pub requires_refusal: bool,
    pub kinds: Vec<String>,
    pub town: bool,
    pub weight: f64,
    pub goods: Vec<String>,
    pub unit: String,
    pub qty: (i64, i64),
    pub value: (i64, i64, i64),
    pub facts: Vec<String>,
    pub evidence: Vec<String>,
    pub correction: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    document: Vec<Document>,
}

/// A document sent to review.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Document {
    pub kind: String,
    pub organ: String,
    pub title: String,
    #[serde(default)]
    pub market: bool,
    #[serde(default)]
    pub term: bool,
    #[serde(default)]
    pub exploratory: bool,
    pub maker: Option<String>,
    pub amount: Option<(i64, i64, i64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpinionFile {
    problem: Vec<Problem>,
    text: Phrases,
}

/// A problem that a reviewer finds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Problem {
    pub aspect: String,
    pub kinds: Vec<String>,
    pub text: String,
    pub basis: String,
    pub suggestion: String,
    pub must: bool,
    pub from: Option<Day>,
    pub until: Option<Day>,
}

/// What names are made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Names {
    pub rare_share: f64,
    pub never: Vec<String>,
    pub phone_pattern: String,
    pub identity_prefix: String,
    pub surnames: BTreeMap<String, f64>,
    pub rare: BTreeMap<String, String>,
    pub generation: Vec<Generation>,
}

/// Characters of a generation's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Generation {
    pub name: String,
    pub born: (i64, i64),
    pub share: f64,
    pub single_share: f64,
    pub male_first: String,
    pub male_second: String,
    pub female_first: String,
    pub female_second: String,
    pub male_single: String,
    pub female_single: String,
}

/// What enterprises are made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Parties {
    pub word_first: String,
    pub word_second: String,
    pub plate: String,
    pub maker: Vec<Maker>,
}

/// A type of enterprise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct Maker {
    pub r#type: String,
    pub form: String,
    pub uscc: String,
    pub patterns: Vec<String>,
}

fn read<T: DeserializeOwned>(name: &str) -> Result<T, Fault> {
    let file = format!("pools/{name}.toml");
    let source = material::scenario_file(&file)?;
    toml::from_str(&source).map_err(|error| Fault::Scenario(LawError::toml(&file, &source, &error)))
}

impl Pools {
    /// Reads all pools that a scenario with these kinds of disputes and fields needs.
    pub fn load(kinds: &[&str], fields: &[&str]) -> Result<Self, Fault> {
        let disputes = kinds.iter().map(|kind| Ok(((*kind).to_owned(), read(&format!("disputes-{kind}"))?)));
        let violations = fields.iter().map(|field| Ok(((*field).to_owned(), read(&format!("penalty-{field}"))?)));
        let opinions: OpinionFile = read("opinions")?;
        let documents: DocumentFile = read("documents")?;
        Ok(Self {
            common: read("common")?,
            disputes: disputes.collect::<Result<_, Fault>>()?,
            penalty: read("penalty-common")?,
            violations: violations.collect::<Result<_, Fault>>()?,
            documents: documents.document,
            problems: opinions.problem,
            opinions: opinions.text,
            names: read("names")?,
            parties: read("parties")?,
        })
    }
}

/// Fills the places of a text: `{甲|乙}` is a choice, `{name}` a value. Values may hold places themselves; what is unknown
/// is left out.
pub fn fill(text: &str, chance: &mut Chance, values: &BTreeMap<&'static str, String>) -> String {
    let mut text = text.to_owned();
    // A value holds places (`prior` names {n}), and those hold none: three rounds are enough, a cycle ends.
    for _ in 0..3 {
        if !text.contains('{') {
            break;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((place, tail)) = after.split_once('}') else {
                rest = after;
                continue;
            };
            if place.contains('|') {
                let choices: Vec<&str> = place.split('|').collect();
                out.push_str(chance.pick(&choices).copied().unwrap_or_default());
            } else if place == "n" {
                out.push_str(&chance.between(2, 9).to_string());
            } else {
                out.push_str(values.get(place).map_or("", String::as_str));
            }
            rest = tail;
        }
        out.push_str(rest);
        text = out;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_choices_made() {
        let mut chance = Chance::new(1, "test", 0);
        let values =
            BTreeMap::from([("a", "甲方".to_owned()), ("prior", "等了{x}天。".to_owned()), ("x", "三".to_owned())]);
        assert_eq!(fill("{a}与{b}：{prior}", &mut chance, &values), "甲方与：等了三天。");
        let chosen = fill("{东|西}院", &mut chance, &values);
        assert!(["东院", "西院"].contains(&chosen.as_str()), "{chosen}");
    }
}
