//! The JSON of a vector of `cn-admin-time` (vectors/cn-admin-time/README.md): tolerant of what is unknown or left out,
//! strict about what is there.

use serde_json::{Map, Value};
use zhunsheng_core::clock::{Direction, Duty, Happened, LimitKind, Question, Start, Stated, StatedUnit, Unit, dated};
use zhunsheng_core::numeral::read_number;

/// A vector: what is asked, what is expected.
pub struct Vector {
    /// Its name; its place in the file if it has none.
    pub id: String,
    /// The question, or the code and the words of why there is none.
    pub question: Result<Question, (&'static str, String)>,
    /// The due day or the code of the error, as written.
    pub expected: Option<String>,
    /// Whether it can only be answered with statute texts.
    pub needs_texts: bool,
    /// What was passed over.
    pub notes: Vec<String>,
}

const KNOWN: [&str; 17] = [
    "id",
    "statute",
    "edition",
    "article",
    "phrase",
    "limit",
    "unit",
    "start",
    "events",
    "direction",
    "kind",
    "duty",
    "roll",
    "due",
    "error",
    "because",
    "needs",
];

/// Why a vector is no question.
type Bad = (&'static str, String);

fn bad_vector(what: impl Into<String>) -> Bad {
    ("bad-vector", what.into())
}

impl Vector {
    /// Reads one. `place` is its number in the file, from 1.
    pub fn read(value: &Value, place: usize) -> Self {
        let Value::Object(fields) = value else {
            let question = Err(bad_vector("应为对象"));
            return Self { id: format!("#{place}"), question, expected: None, needs_texts: false, notes: Vec::new() };
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        // An error may stand as a code or as an object with one.
        let error = fields.get("error").and_then(|error| error.as_str().or_else(|| error.get("code")?.as_str()));
        let unknown = fields.keys().filter(|name| !KNOWN.contains(&name.as_str()));
        Self {
            id: text("id").unwrap_or_else(|| format!("#{place}")),
            question: question(fields),
            expected: text("due").or_else(|| error.map(str::to_owned)),
            needs_texts: text("needs").as_deref() == Some("texts"),
            notes: unknown.map(|name| format!("不认识的字段 {name}，已略过")).collect(),
        }
    }
}

/// A member that is there and not null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn question(fields: &Map<String, Value>) -> Result<Question, Bad> {
    let text = |name: &str| match given(fields, name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(bad_vector(format!("{name} 应为文字"))),
        None => Err(bad_vector(format!("缺少 {name}"))),
    };
    let number_or_text = |name: &str| match given(fields, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(whole_number(number).unwrap_or_else(|| number.to_string()))),
        Some(_) => Err(bad_vector(format!("{name} 应为文字或者数字"))),
    };
    let (statute, phrase, start) = (text("statute")?, text("phrase")?, text("start")?);
    let article = number_or_text("article")?.ok_or_else(|| bad_vector("缺少 article"))?;
    let edition = number_or_text("edition")?.map(|text| dated(&text).ok_or_else(|| bad_date(&text))).transpose()?;
    let events = match given(fields, "events") {
        Some(Value::Array(events)) => events,
        Some(_) => return Err(bad_vector("events 应为数组")),
        None => return Err(bad_vector("缺少 events：没有的写 []")),
    };
    let direction = choice(fields, "direction", &[("forward", Direction::Forward), ("backward", Direction::Backward)])?;
    let kind = choice(fields, "kind", &[("max", LimitKind::Maximum), ("min", LimitKind::Minimum)])?;
    let duty = choice(fields, "duty", &[("organ", Duty::Organ), ("party", Duty::Party)])?;
    let roll = match given(fields, "roll") {
        None => None,
        Some(Value::Bool(roll)) => Some(*roll),
        Some(_) => return Err(bad_vector("roll 应为 true 或者 false")),
    };
    let limit = match (given(fields, "limit"), given(fields, "unit")) {
        (Some(limit), _) => Some(stated(limit)),
        (None, None) => None,
        (None, Some(unit)) if unit == "fixed" => Some(Stated::Limit(1, StatedUnit::Fixed(None))),
        (None, Some(unit)) => return Err(bad_vector(format!("没有 limit 时 unit 只能是 fixed，不是 {unit}"))),
    };
    let start = Start::parse(&start).ok_or_else(|| bad_date(&start))?;
    let events = events.iter().map(event).collect::<Result<_, _>>()?;
    Ok(Question { statute, edition, article, phrase, limit, start, events, direction, kind, duty, roll })
}

fn choice<T: Copy>(fields: &Map<String, Value>, name: &str, known: &[(&str, T)]) -> Result<Option<T>, Bad> {
    let Some(value) = given(fields, name) else { return Ok(None) };
    let found = known.iter().find(|(word, _)| value == word).map(|(_, meant)| *meant);
    found.map(Some).ok_or_else(|| bad_vector(format!("{name} 不认识 {value}")))
}

fn bad_date(text: &str) -> Bad {
    ("bad-date", format!("“{text}”不是日期，应如 2024-01-05 或者 2024-01-05T15:30"))
}

/// `01-31`.
pub fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let (month, day) = text.split_once('-')?;
    Some((month.parse().ok()?, day.parse().ok()?))
}

/// 60.0 is 60, as some programs write every number.
fn whole_number(number: &serde_json::Number) -> Option<String> {
    let text = number.to_string();
    text.strip_suffix(".0").map(str::to_owned)
}

/// How many: 90, 90.0, "90", "九十".
fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole_number(number)?.parse().ok()),
        Value::String(text) => read_number(text.trim()).map(i64::from),
        _ => None,
    }
}

fn stated(value: &Value) -> Stated {
    let unreadable = || Stated::Unreadable(format!("“{value}”不是期限，应如 {{\"amount\": 90, \"unit\": \"day\"}}"));
    let (Some(word), amount) = (value.get("unit").and_then(Value::as_str), value.get("amount")) else {
        return unreadable();
    };
    if word == "fixed" {
        let date = amount.and_then(Value::as_str).and_then(month_and_day);
        return Stated::Limit(1, StatedUnit::Fixed(date));
    }
    match (amount.and_then(count), Unit::read(word)) {
        (Some(amount), Some(unit)) => Stated::Limit(amount, StatedUnit::Plain(unit)),
        _ => unreadable(),
    }
}

/// An event: an object of one member. Its days are looked at before anything else, even in an event that is none.
fn event(value: &Value) -> Result<Happened, Bad> {
    let unreadable = || Happened::Unreadable(format!("读不懂“{value}”"));
    let Value::Object(members) = value else { return Ok(unreadable()) };
    let excluded = match members.get("exclude") {
        Some(Value::Array(days)) => days.iter().map(date_or_null).collect::<Result<Vec<_>, _>>()?,
        _ => Vec::new(),
    };
    let anew = members.get("restart").map_or(Ok(None), date_or_null)?;
    let mut named = members.iter();
    let (Some((name, member)), None) = (named.next(), named.next()) else { return Ok(unreadable()) };
    Ok(match (name.as_str(), excluded.as_slice()) {
        // Until null: it still lasts.
        ("exclude", [Some(from), until]) => Happened::Exclude(*from, *until),
        ("extend", _) => extension(member).unwrap_or_else(unreadable),
        ("restart", _) => anew.map_or_else(unreadable, Happened::Restart),
        _ => unreadable(),
    })
}

fn date_or_null(value: &Value) -> Result<Option<Start>, Bad> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Start::parse(text).map(Some).ok_or_else(|| bad_date(text)),
        other => Err(bad_date(&other.to_string())),
    }
}

fn extension(value: &Value) -> Option<Happened> {
    Some(Happened::Extend(count(value.get("amount")?)?, Unit::read(value.get("unit")?.as_str()?)?))
}
