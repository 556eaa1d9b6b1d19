//! A submitted form becomes what the engine takes: fields, parties, people, stored files.
//!
//! Works for every step of every definition. Does not belong here: whether any of it is right (the core reads values),
//! and what the form looks like (`app::form`).

use std::collections::BTreeMap;

use zhunsheng_core::id::{Digest, FieldId, MatterId};
use zhunsheng_core::matter::{EvidenceInput, Input, PartyInput};
use zhunsheng_core::procedure::PartyKind;

use super::error::PageError;
use super::form::{Fields, Form};
use super::upload::Upload;
use crate::app::App;
use crate::app::evidence::{self, KeepError, Kept};
use crate::app::form::{Filled, KeptFile, MannerKind, TypedManner};
use crate::app::left;
use crate::app::secret::{Key, hex, unhex};

/// Purpose of the seal on files that were received and wait for the next try.
const KEPT: &str = "kept-file";

/// What the person pressed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pressed {
    /// Do it.
    Submit,
    /// Show the form again, with one party more or less.
    Again,
}

/// Reads a form and keeps its files; `owner` (a person, or a visitor) is who alone may use them in the next try.
///
/// A matter that is a state secret leaves nothing behind: neither text nor file is kept (保守国家秘密法§31).
pub async fn read(app: &App, form: &Form, owner: &str) -> Result<(Filled, Pressed), PageError> {
    let fields = &form.fields;
    let (parties, dropped) = parties(fields);
    let more = fields.filled("more").map(str::to_owned);
    let pressed = if dropped || more.is_some() { Pressed::Again } else { Pressed::Submit };
    let mut filled = Filled {
        input: Input { fields: values(fields), parties, ..people(fields) },
        manner: TypedManner {
            kind: MannerKind::parse(fields.text("manner")),
            decided_by: fields.text("decided_by").to_owned(),
            meeting: fields.text("meeting").to_owned(),
            day: fields.text("day").to_owned(),
            number: fields.text("number").to_owned(),
        },
        kept: Vec::new(),
        more,
        key: fields.text("key").chars().take(64).collect(),
        problems: Vec::new(),
    };
    if fields.text("f.secrecy") == "state_secret" {
        let secrecy = filled.input.fields.remove("secrecy");
        filled.input = Input {
            fields: secrecy.map(|value| (FieldId::from("secrecy"), value)).into_iter().collect(),
            ..Input::default()
        };
        return Ok((filled, pressed));
    }
    let (kept, problems) = keep_files(app, form, owner).await?;
    filled.kept = kept;
    filled.problems = problems;
    filled.input.evidence = filled.kept.iter().map(evidence_input).collect();
    Ok((filled, pressed))
}

/// Values by field, in the order in which they came.
fn values(fields: &Fields) -> BTreeMap<FieldId, Vec<String>> {
    let mut values: BTreeMap<FieldId, Vec<String>> = BTreeMap::new();
    for (name, value) in fields.pairs() {
        if let Some(field) = name.strip_prefix("f.") {
            values.entry(field.into()).or_default().push(value.to_owned());
        }
    }
    // A list of boxes begins with an empty value, so that none ticked is an answer, too.
    for values in values.values_mut().filter(|values| values.len() > 1) {
        values.retain(|value| !value.is_empty());
        if values.is_empty() {
            values.push(String::new());
        }
    }
    values
}

fn people(fields: &Fields) -> Input {
    Input {
        officers: fields.all("officer").filter_map(MatterId::parse).collect(),
        assignee: MatterId::parse(fields.text("assignee")),
        merge_into: MatterId::parse(fields.text("merge_into")),
        reason: fields.filled("reason").map(str::to_owned),
        ..Input::default()
    }
}

/// Parties in the order of their numbers, empty ones left out; and whether one was taken away.
fn parties(fields: &Fields) -> (Vec<PartyInput>, bool) {
    let mut typed: BTreeMap<u16, (PartyInput, bool)> = BTreeMap::new();
    for (name, value) in fields.pairs() {
        let Some((position, detail)) = name.strip_prefix("party.").and_then(|rest| rest.split_once('.')) else {
            continue;
        };
        let Ok(position) = position.parse::<u16>() else { continue };
        let (party, dropped) = typed.entry(position).or_default();
        let value = value.trim();
        match detail {
            "drop" => *dropped = true,
            "ordinal" => party.ordinal = value.parse().ok(),
            "role" => party.role = Some(value.into()),
            "kind" => party.kind = PartyKind::parse(value),
            detail => party.text_mut(detail).into_iter().for_each(|text| value.clone_into(text)),
        }
    }
    let dropped = typed.values().any(|(_, dropped)| *dropped);
    let kept = typed.into_values().filter(|(party, dropped)| !dropped && !is_empty(party));
    (kept.map(|(party, _)| party).collect(), dropped)
}

fn is_empty(party: &PartyInput) -> bool {
    let texts = [&party.name, &party.id_number, &party.phone, &party.address, &party.uscc, &party.representative];
    party.ordinal.is_none() && texts.iter().all(|text| text.is_empty())
}

/// Keeps a file of an official. What is of no kind that is taken goes to quarantine, unless exactly these bytes were released.
async fn keep(app: &App, upload: &Upload, owner: &str) -> Result<KeptFile, KeepError> {
    let kept = match keep_bytes(app, upload, false).await {
        Err(KeepError::Kind) if app.is_released(upload.received.digest).await.map_err(file_fault)? => {
            keep_bytes(app, upload, true).await?
        }
        Err(KeepError::Kind) => {
            let Some(person) = MatterId::parse(owner) else { return Err(KeepError::Kind) };
            app.hold(upload.path().to_owned(), upload.received, &upload.file_name, person).await?;
            return Err(KeepError::Quarantined(upload.received.digest));
        }
        other => other?,
    };
    let file = KeptFile {
        field: upload.field.clone(),
        name: upload.file_name.chars().filter(|c| !c.is_control()).collect(),
        digest: kept.digest,
        sm3: kept.sm3,
        bytes: kept.bytes,
        media: kept.media.to_owned(),
        token: String::new(),
    };
    Ok(KeptFile { token: seal_kept(&app.site_key, owner, &file), ..file })
}

fn file_fault(fault: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeepError {
    KeepError::Io(std::io::Error::other(fault))
}

async fn keep_bytes(app: &App, upload: &Upload, released: bool) -> Result<Kept, KeepError> {
    let (data, source) = (app.config.data_dir.clone(), upload.path().to_owned());
    let (name, received) = (upload.file_name.clone(), upload.received);
    let kept = tokio::task::spawn_blocking(move || evidence::keep(&data, &source, &name, received, released)).await;
    kept.map_err(file_fault)?
}

/// The files of a form, each kept or said what is wrong with it: input, file name, sentence.
pub(super) type Files = (Vec<KeptFile>, Vec<(String, String, String)>);

/// The files that come with a form.
pub(super) async fn keep_all(app: &App, uploads: &[Upload], owner: &str) -> Result<Files, PageError> {
    let (mut kept, mut problems) = (Vec::new(), Vec::new());
    for upload in uploads {
        match keep(app, upload, owner).await {
            Ok(file) => kept.push(file),
            Err(KeepError::Io(error)) => return Err(PageError::fault(error)),
            Err(error) => problems.push((upload.field.clone(), upload.file_name.clone(), error.sentence())),
        }
    }
    Ok((kept, problems))
}

/// The files of this try and of earlier ones with the same form (`owner`).
pub(super) async fn keep_files(app: &App, form: &Form, owner: &str) -> Result<Files, PageError> {
    let (mut kept, mut problems) = keep_again(app, &form.fields, owner).await?;
    let (new, wrong) = keep_all(app, &form.uploads, owner).await?;
    kept.extend(new);
    problems.extend(wrong);
    Ok((kept, problems))
}

/// The files that came with an earlier try of the same form; one that was removed meanwhile has to be chosen again.
async fn keep_again(app: &App, fields: &Fields, owner: &str) -> Result<Files, PageError> {
    let (mut kept, mut problems) = (Vec::new(), Vec::new());
    for file in fields.all("kept").filter_map(|token| open_kept(&app.site_key, owner, token)) {
        let (data, digest, second) = (app.config.data_dir.clone(), file.digest, app.machine.seconds());
        let held = tokio::task::spawn_blocking(move || left::hold(&data, &digest, second)).await;
        if held.map_err(PageError::fault)?.map_err(PageError::fault)? {
            kept.push(file);
        } else {
            problems.push((file.field, file.name, KeepError::Left.sentence()));
        }
    }
    Ok((kept, problems))
}

/// Whoever knows a digest must not be able to claim that file: the seal says who sent it.
fn seal_kept(key: &Key, owner: &str, file: &KeptFile) -> String {
    let plain = format!("{}|{}|{}|{}|{}|{}", file.digest, file.sm3, file.bytes, file.media, file.field, file.name);
    let seal = key.seal(KEPT, format!("{owner}|{plain}").as_bytes());
    format!("{}{plain}", hex(&seal))
}

fn open_kept(key: &Key, owner: &str, token: &str) -> Option<KeptFile> {
    let (seal, plain) = token.split_at_checked(32)?;
    if !key.verify(KEPT, format!("{owner}|{plain}").as_bytes(), &unhex(seal)?) {
        return None;
    }
    let mut parts = plain.splitn(6, '|');
    Some(KeptFile {
        digest: Digest::parse(parts.next()?)?,
        sm3: Digest::parse(parts.next()?)?,
        bytes: parts.next()?.parse().ok()?,
        media: parts.next()?.to_owned(),
        field: parts.next()?.to_owned(),
        name: parts.next()?.to_owned(),
        token: token.to_owned(),
    })
}

pub(super) fn evidence_input(file: &KeptFile) -> EvidenceInput {
    EvidenceInput {
        kind: file.field.strip_prefix("evidence.").unwrap_or(&file.field).into(),
        digest: file.digest,
        sm3: file.sm3,
        bytes: file.bytes,
        media: file.media.clone(),
        name: file.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn parties_keep_their_order_and_empty_ones_leave() {
        let (read, dropped) = parties(&fields(&[
            ("party.2.role", "respondent"),
            ("party.2.name", "乙"),
            ("party.0.role", "applicant"),
            ("party.0.name", " 甲 "),
            ("party.1.role", "applicant"),
            ("party.1.kind", "natural"),
            ("party.x.name", "丙"),
        ]));
        assert_eq!(read.iter().map(|party| party.name.as_str()).collect::<Vec<_>>(), ["甲", "乙"]);
        assert!(!dropped);
        let (read, dropped) =
            parties(&fields(&[("party.0.name", "甲"), ("party.1.name", "乙"), ("party.0.drop", "1")]));
        assert_eq!((read.len(), dropped), (1, true));
    }

    #[test]
    fn boxes_send_an_empty_value_first() {
        let read =
            values(&fields(&[("f.way", ""), ("f.way", "money"), ("f.way", "goods"), ("f.none", ""), ("x", "y")]));
        assert_eq!(read.get("way").unwrap(), &["money", "goods"]);
        assert_eq!(read.get("none").unwrap(), &[""]);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_kept_file_belongs_to_who_sent_it() {
        let key = Key::new([7; 32]);
        let file = KeptFile {
            field: "evidence.photo".into(),
            name: "现场|1.jpg".into(),
            digest: Digest([3; 32]),
            sm3: Digest([4; 32]),
            bytes: 9,
            media: "image/jpeg".into(),
            token: String::new(),
        };
        let token = seal_kept(&key, "甲", &file);
        assert_eq!(open_kept(&key, "甲", &token).unwrap().name, "现场|1.jpg");
        assert!(open_kept(&key, "乙", &token).is_none());
        assert!(open_kept(&key, "甲", &token.replace("9|image", "8|image")).is_none());
    }
}
