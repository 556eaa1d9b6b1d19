//! Reads the files of guides: links, limits and citations are words in the file and types behind it.

use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::{Guide, LimitRef, Link, Named, Target};
use crate::basis::{Basis, Grade};
use crate::id::ProcedureId;
use crate::law::{LawError, line_column};

/// Pages of the portal that a guide can lead to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Register a dispute.
    Dispute,
    /// Apply for legal aid.
    LegalAid,
    /// Ask a person.
    Ask,
    /// Progress of a matter.
    Track,
    /// Verify an instrument.
    Verify,
    /// Drafts open to comments.
    Consultations,
    /// Published penalties.
    Penalties,
    /// The library of statutes.
    Statutes,
    /// Count a time limit.
    Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    event: String,
    guide: Vec<Raw>,
}

type Words = Vec<toml::Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: toml::Spanned<String>,
    title: String,
    words: Vec<String>,
    #[serde(rename = "do")]
    advice: String,
    go: Words,
    bring: Vec<String>,
    limits: Words,
    articles: Words,
}

/// The guides of a file, and what they name.
pub(super) fn guides(file: &str, source: &str, known: &[Guide]) -> Result<(Vec<Guide>, Vec<Named>), LawError> {
    let File { event, guide: raws } = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    let (mut guides, mut named): (Vec<Guide>, Vec<Named>) = (Vec::new(), Vec::new());
    let wrong = |word: &toml::Spanned<String>, what: String| LawError::at(file, source, word.span().start, what);
    for raw in raws {
        let id = raw.id.get_ref().clone();
        if known.iter().chain(&guides).any(|guide| guide.id == id) {
            return Err(wrong(&raw.id, format!("guide `{id}` is already defined")));
        }
        let mut note = |word: &toml::Spanned<String>, what: Target| {
            named.push(Named { what, file: file.to_owned(), at: line_column(source, word.span().start) });
        };
        let mut guide = Guide {
            id,
            title: raw.title,
            event: event.clone(),
            advice: raw.advice,
            words: raw.words,
            go: Vec::new(),
            bring: raw.bring,
            limits: Vec::new(),
            articles: Vec::new(),
        };
        for word in &raw.go {
            let link = link(word.get_ref()).map_err(|what| wrong(word, what))?;
            if let Link::Procedure(id) = &link {
                note(word, Target::Procedure(id.clone()));
            }
            guide.go.push(link);
        }
        for word in &raw.limits {
            let limit = limit(word.get_ref());
            note(word, Target::Limit(limit.clone()));
            guide.limits.push(limit);
        }
        for word in &raw.articles {
            let (basis, phrase) = article(word.get_ref()).map_err(|what| wrong(word, what))?;
            note(word, Target::Statute(basis.source.clone()));
            guide.articles.push((basis, phrase));
        }
        guides.push(guide);
    }
    Ok((guides, named))
}

/// `dispute`, `guide:penalty`, `tel:12348 公共法律服务热线`.
fn link(word: &str) -> Result<Link, String> {
    if let Some(id) = word.strip_prefix("guide:") {
        return Ok(Link::Procedure(ProcedureId::from(id)));
    }
    if let Some(rest) = word.strip_prefix("tel:") {
        let (number, whose) = rest.split_once(' ').unwrap_or((rest, ""));
        let dialled = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        return match dialled && !whose.trim().is_empty() {
            true => Ok(Link::Telephone(number.to_owned(), whose.trim().to_owned())),
            false => Err(format!("expected `tel:number whose`, found `{word}`")),
        };
    }
    let door = Door::deserialize(StrDeserializer::<ValueError>::new(word));
    door.map(Link::Door).map_err(|error| format!("this link leads nowhere: {error}"))
}

/// `labour_inquiry`, `legal_aid.decide_in_time`.
fn limit(word: &str) -> LimitRef {
    match word.split_once('.') {
        Some((procedure, clock)) => LimitRef::Clock(ProcedureId::from(procedure), clock.to_owned()),
        None => LimitRef::Named(word.to_owned()),
    }
}

/// `人民调解法§31 具有法律约束力`.
fn article(word: &str) -> Result<(Basis, String), String> {
    let (cited, phrase) = word.split_once(' ').ok_or("expected an article and a phrase that stands in it")?;
    let basis = Basis::parse(cited)?;
    if basis.grade != Grade::Statutory || basis.article.is_none() {
        return Err(format!("expected an article, found `{cited}`"));
    }
    Ok((basis, phrase.to_owned()))
}
