//! Dates that somebody typed: kept as typed, with a sentence beside the field when they cannot be understood.

use zhunsheng_core::day::{Day, Moment};

use crate::web::Query;

/// Earlier than any rule of these pages.
const YEAR_MIN: i16 = 1949;
/// Later than any matter of today.
const YEAR_MAX: i16 = 2099;

/// A date field of the form.
#[derive(Clone, Debug, Default)]
pub struct DateField {
    /// Its name in the address, and its id on the page.
    pub name: String,
    /// What is asked for.
    pub label: String,
    /// What helps to find it.
    pub hint: String,
    /// As typed.
    pub value: String,
    /// What is wrong with it; empty if nothing.
    pub error: String,
}

impl DateField {
    /// A browser shows nothing in a date field that holds no date: what was typed is then shown as text.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.value.is_empty() || Day::parse(&self.value).is_some() { "date" } else { "text" }
    }

    /// What describes the field for a screen reader.
    #[must_use]
    pub fn described(&self) -> String {
        let parts = [(&self.hint, "h"), (&self.error, "e")];
        let ids = parts.iter().filter(|(text, _)| !text.is_empty()).map(|(_, end)| format!("{}-{end}", self.name));
        ids.collect::<Vec<_>>().join(" ")
    }
}

/// What is wrong, for the head of the page: the field's id and a sentence with its name.
pub fn problems<'f>(fields: impl IntoIterator<Item = &'f DateField>) -> Vec<(String, String)> {
    let wrong = fields.into_iter().filter(|field| !field.error.is_empty());
    wrong
        .map(|field| (field.name.clone(), format!("{}：{}", field.label.trim_end_matches("是哪一天"), field.error)))
        .collect()
}

/// Reads a date of the query; `default` stands where the query does not have the field, not where it was cleared.
pub fn read(query: &Query, name: &str, label: &str, hint: &str, default: Option<Day>) -> (DateField, Option<Day>) {
    let typed = query.text(name);
    let mut field =
        DateField { name: name.to_owned(), label: label.to_owned(), hint: hint.to_owned(), ..DateField::default() };
    if typed.is_empty() {
        let default = default.filter(|_| query.get(name).is_none());
        field.value = default.map(|day| day.to_string()).unwrap_or_default();
        return (field, default);
    }
    let day = Day::parse(typed);
    field.value = day.map_or_else(|| typed.chars().take(40).collect(), |day| day.to_string());
    match day {
        None => {
            field.error = "没有这个日期，请写成 2024-10-26 这样".to_owned();
            (field, None)
        }
        Some(day) if !(YEAR_MIN..=YEAR_MAX).contains(&day.year()) => {
            field.error = format!("请填{YEAR_MIN}年到{YEAR_MAX}年之间的日期");
            (field, None)
        }
        Some(day) => (field, Some(day)),
    }
}

/// Reads a time of day, `09:30`; nine in the morning where nothing was typed.
///
/// # Errors
/// What is wrong with it.
pub fn read_time(query: &Query, name: &str, day: Day) -> (String, Result<Moment, &'static str>) {
    let typed = query.filled(name).unwrap_or("09:00");
    let parts = typed.split_once([':', '：']).map(|(hour, minute)| (hour.trim().parse(), minute.trim().parse()));
    let shown = typed.chars().take(10).collect();
    match parts {
        Some((Ok(hour), Ok(minute))) if (0..24_i64).contains(&hour) && (0..60_i64).contains(&minute) => {
            (shown, Ok(Moment::on(day, hour * 3_600 + minute * 60)))
        }
        _ => (shown, Err("请写成 09:30 这样的时间")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::form::Fields;

    fn query(value: &str) -> Query {
        Query(Fields::new(vec![("from".to_owned(), value.to_owned())]))
    }

    #[test]
    fn what_was_typed_stays_and_the_mistake_is_named() {
        for (typed, day, kept, kind) in [
            ("2024-02-29", Some("2024-02-29"), "2024-02-29", "date"),
            ("2024年2月29日", Some("2024-02-29"), "2024-02-29", "date"),
            ("2023-02-29", None, "2023-02-29", "text"),
            ("昨天", None, "昨天", "text"),
            ("1024-02-29", None, "1024-02-29", "date"),
        ] {
            let (field, read) = read(&query(typed), "from", "从哪天算", "", None);
            assert_eq!(read.map(|day| day.to_string()).as_deref(), day, "{typed}");
            assert_eq!((field.value.as_str(), field.kind()), (kept, kind));
            assert_eq!(field.error.is_empty(), day.is_some(), "{typed}");
        }
        let (field, day) = read(&Query::default(), "from", "", "", Day::parse("2024-10-26"));
        assert_eq!((field.value.as_str(), day), ("2024-10-26", Day::parse("2024-10-26")));
        assert_eq!(read(&query(""), "from", "", "", Day::parse("2024-10-26")).1, None, "it was cleared");
    }

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        let day = Day::parse("2024-10-26").unwrap();
        let of = |text: &str| read_time(&query(text), "from", day).1.map(|moment| moment.to_string());
        assert_eq!(of("").as_deref(), Ok("2024-10-26 09:00"));
        assert_eq!(of("23：05").as_deref(), Ok("2024-10-26 23:05"));
        assert!(of("24:00").is_err() && of("九点").is_err());
    }
}
