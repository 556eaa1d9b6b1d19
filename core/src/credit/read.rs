//! Reads the files of `law/credit/`. Unknown keys, sources and conditions are errors with their place.

use serde::Deserialize;

use super::{Category, Credit, Field, Kind, Named, Owed, Source, Target, Template, When};
use crate::id::ProcedureId;
use crate::law::{LawError, line_column};
use crate::procedure::PartyKind;

type At = toml::Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSettings {
    configurable: String,
    asked: Vec<String>,
    category: Vec<RawCategory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    id: At,
    title: String,
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTemplate {
    category: String,
    note: String,
    #[serde(default)]
    ordered: Vec<(At, At)>,
    #[serde(default)]
    owed: Vec<RawOwed>,
    field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOwed {
    procedure: At,
    step: At,
    instrument: At,
    role: At,
    #[serde(default)]
    changed_by: Vec<At>,
    #[serde(default)]
    withdrawn_by: Vec<At>,
    #[serde(default)]
    instead: Vec<(At, At)>,
    /// Fields of the report's sources that this procedure has not.
    #[serde(default)]
    lacks: Vec<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    code: At,
    title: String,
    kind: RawKind,
    max: Option<usize>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    many: bool,
    #[serde(default)]
    future: bool,
    /// The field whose words the amount agrees with, and the word before it.
    agrees: Option<(At, String)>,
    /// The field with the kind of document that a number belongs to.
    document: Option<At>,
    #[serde(default)]
    required: Vec<At>,
    #[serde(default)]
    forbidden: Vec<At>,
    from: Option<At>,
    #[serde(default)]
    pieces: Vec<At>,
    remedy: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawKind {
    Text,
    Date,
    Amount,
    List,
    Uscc,
    IdNumber,
}

/// What holds for all categories.
pub(super) fn settings(credit: &mut Credit, file: &str, source: &str) -> Result<(), LawError> {
    let raw: RawSettings = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    let wrong = |word: &At, what: String| LawError::at(file, source, word.span().start, what);
    for category in raw.category {
        let id = category.id.get_ref().clone();
        if credit.category(&id).is_some() {
            return Err(wrong(&category.id, format!("category `{id}` is already defined")));
        }
        credit.categories.push(Category { id, title: category.title, on: category.on });
    }
    credit.configurable = raw.configurable;
    credit.asked = raw.asked;
    Ok(())
}

/// The report of one category, and what it names elsewhere.
pub(super) fn template(file: &str, source: &str) -> Result<(Template, Vec<Named>), LawError> {
    let raw: RawTemplate = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    let reading = Reading { file, source, codes: raw.field.iter().map(|field| field.code.get_ref().clone()).collect() };
    let mut named = Vec::new();
    let mut owed = Vec::new();
    for one in &raw.owed {
        owed.push(reading.owed(one, &mut named));
    }
    let mut fields: Vec<Field> = Vec::new();
    for field in &raw.field {
        let code = field.code.get_ref();
        if fields.iter().any(|known| known.code == *code) {
            return Err(reading.wrong(&field.code, format!("field `{code}` is already defined")));
        }
        fields.push(reading.field(field, &owed, &mut named)?);
    }
    let ordered = raw.ordered.iter().map(|(first, then)| Ok((reading.known(first)?, reading.known(then)?)));
    let ordered = ordered.collect::<Result<_, LawError>>()?;
    let (category, note, file) = (raw.category, raw.note, file.to_owned());
    Ok((Template { category, note, owed, fields, ordered, file }, named))
}

struct Reading<'a> {
    file: &'a str,
    source: &'a str,
    codes: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&self, word: &At, what: String) -> LawError {
        LawError::at(self.file, self.source, word.span().start, what)
    }

    /// A field of this report.
    fn known(&self, code: &At) -> Result<String, LawError> {
        let text = code.get_ref();
        if self.codes.contains(text) {
            Ok(text.clone())
        } else {
            Err(self.wrong(code, format!("there is no field `{text}`")))
        }
    }

    fn note(&self, word: &At, procedure: &ProcedureId, what: Target, named: &mut Vec<Named>) {
        let at = line_column(self.source, word.span().start);
        named.push(Named { procedure: procedure.clone(), what, file: self.file.to_owned(), at });
    }

    fn owed(&self, raw: &RawOwed, named: &mut Vec<Named>) -> Owed {
        let text = |word: &At| word.get_ref().as_str().to_owned();
        let owed = Owed {
            procedure: text(&raw.procedure).into(),
            step: text(&raw.step).into(),
            instrument: text(&raw.instrument).into(),
            role: text(&raw.role).into(),
            changed_by: raw.changed_by.iter().map(|step| text(step).into()).collect(),
            withdrawn_by: raw.withdrawn_by.iter().map(|step| text(step).into()).collect(),
            instead: raw.instead.iter().map(|(before, now)| (text(before).into(), text(now).into())).collect(),
            lacks: raw.lacks.iter().map(|field| text(field).into()).collect(),
        };
        for field in &raw.lacks {
            self.note(field, &owed.procedure, Target::NoField(text(field).into()), named);
        }
        for step in raw.changed_by.iter().chain(&raw.withdrawn_by) {
            self.note(step, &owed.procedure, Target::Step(text(step).into()), named);
        }
        for field in raw.instead.iter().flat_map(|(before, now)| [before, now]) {
            self.note(field, &owed.procedure, Target::Field(text(field).into()), named);
        }
        self.note(&raw.step, &owed.procedure, Target::Decision(owed.step.clone(), owed.instrument.clone()), named);
        self.note(&raw.instrument, &owed.procedure, Target::Instrument(owed.instrument.clone()), named);
        self.note(&raw.role, &owed.procedure, Target::Role(owed.role.clone()), named);
        owed
    }

    fn field(&self, raw: &RawField, owed: &[Owed], named: &mut Vec<Named>) -> Result<Field, LawError> {
        let source = self.source_of(raw)?;
        let mut needs = |word: &At, field: &str| {
            for one in owed.iter().filter(|one| !one.lacks.iter().any(|lacked| lacked.as_str() == field)) {
                self.note(word, &one.procedure, Target::Field(field.into()), named);
            }
        };
        if let (Some(Source::Field(field)), Some(word)) = (&source, &raw.from) {
            needs(word, field.as_str());
        }
        for piece in &raw.pieces {
            let field =
                placeholder(piece.get_ref()).ok_or_else(|| self.wrong(piece, "expected one {field}".to_owned()))?;
            needs(piece, field);
        }
        let remedy = raw.remedy.clone().unwrap_or_else(|| remedy(source.as_ref(), &raw.title));
        Ok(Field {
            code: raw.code.get_ref().clone(),
            title: raw.title.clone(),
            kind: self.kind(raw)?,
            required: raw.required.iter().map(|word| self.when(word)).collect::<Result<_, _>>()?,
            forbidden: raw.forbidden.iter().map(|word| self.when(word)).collect::<Result<_, _>>()?,
            source,
            remedy,
        })
    }

    fn kind(&self, raw: &RawField) -> Result<Kind, LawError> {
        let missing = |what: &str| self.wrong(&raw.code, format!("expected `{what}`"));
        Ok(match raw.kind {
            RawKind::Text => Kind::Text(raw.max.ok_or_else(|| missing("max"))?),
            RawKind::Date => Kind::Date { future: raw.future },
            RawKind::Amount => Kind::Amount {
                agrees: match &raw.agrees {
                    Some((code, word)) => Some((self.known(code)?, word.clone())),
                    None => None,
                },
            },
            RawKind::List if raw.words.is_empty() => return Err(missing("words")),
            RawKind::List => Kind::List { words: raw.words.clone(), many: raw.many },
            RawKind::Uscc => Kind::Uscc,
            RawKind::IdNumber => Kind::IdNumber(self.known(raw.document.as_ref().ok_or_else(|| missing("document"))?)?),
        })
    }

    /// `always`, `natural`, `CF_CFLB has 罚款`, `CF_FR_ZJHM filled`.
    fn when(&self, word: &At) -> Result<When, LawError> {
        let text = word.get_ref().as_str();
        let code = |code: &str| {
            let known = self.codes.iter().any(|known| known == code);
            if known { Ok(code.to_owned()) } else { Err(self.wrong(word, format!("there is no field `{code}`"))) }
        };
        match (text, PartyKind::parse(text)) {
            ("always", _) => Ok(When::Always),
            (_, Some(kind)) => Ok(When::Party(kind)),
            _ => match text.split_once(' ') {
                Some((field, "filled")) => Ok(When::Filled(code(field)?)),
                Some((field, rest)) if rest.starts_with("has ") => {
                    Ok(When::Has(code(field)?, rest.trim_start_matches("has ").to_owned()))
                }
                _ => Err(self.wrong(word, format!("`{text}` is no condition"))),
            },
        }
    }

    fn source_of(&self, raw: &RawField) -> Result<Option<Source>, LawError> {
        if !raw.pieces.is_empty() {
            return Ok(Some(Source::Pieces(raw.pieces.iter().map(|piece| piece.get_ref().clone()).collect())));
        }
        let Some(word) = &raw.from else { return Ok(None) };
        let text = word.get_ref().as_str();
        Ok(Some(match text.split_once([':', '.']) {
            Some(("party", detail @ ("name" | "kind" | "uscc" | "representative" | "id_number"))) => {
                Source::Party(detail.to_owned())
            }
            Some(("party", "id_type")) => Source::IdType,
            Some(("organ", detail @ ("name" | "uscc"))) => Source::Organ(detail.to_owned()),
            Some(("field", id)) => Source::Field(id.into()),
            Some(("constant", words)) => Source::Constant(words.to_owned()),
            None if text == "number" => Source::Number,
            None if text == "day" => Source::Day,
            None if text == "shown_until" => Source::ShownUntil,
            _ => return Err(self.wrong(word, format!("nothing comes from `{text}`"))),
        }))
    }
}

/// The `{field}` of a piece.
pub(super) fn placeholder(piece: &str) -> Option<&str> {
    let (_, rest) = piece.split_once('{')?;
    rest.split_once('}').map(|(field, _)| field)
}

fn remedy(source: Option<&Source>, title: &str) -> String {
    match source {
        Some(Source::Party(_) | Source::IdType) => {
            "案件里没有的，办理“补充相对人信息”；案件里写错的，依法更正案件".to_owned()
        }
        Some(Source::Organ(_)) => "由系统管理员在机构名册中补登机关名称和统一社会信用代码".to_owned(),
        Some(Source::Number | Source::Day | Source::ShownUntil) => "核对决定书的文号和日期".to_owned(),
        Some(Source::Field(_) | Source::Pieces(_)) => format!("依法更正案件中与“{title}”对应的内容，报送内容随之更新"),
        Some(Source::Constant(_)) | None => format!("核对“{title}”"),
    }
}
