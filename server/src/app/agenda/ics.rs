//! iCalendar (RFC 5545), as much as days in a calendar need: lines end in CR LF and are folded at 75 octets without cutting a character,
//! texts are escaped, days are dates without a zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use zhunsheng_core::day::Day;

/// Octets in a line at most, without its end (RFC 5545 §3.1).
const LINE_OCTETS_MAX: usize = 75;

/// A day in a calendar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayEvent {
    /// The same for the same thing, for ever, everywhere.
    pub uid: String,
    /// When it was last changed, milliseconds since 1970.
    pub changed: i64,
    /// Which day.
    pub day: Day,
    /// Its title.
    pub summary: String,
    /// What is to be known.
    pub description: String,
    /// Where to look.
    pub url: Option<String>,
    /// Whether the day may still move.
    pub tentative: bool,
    /// How long before the day the calendar reminds, as a duration: `-PT15H` is nine in the morning of the day before.
    pub remind: &'static str,
}

/// A whole calendar.
#[must_use]
pub fn calendar(name: &str, events: &[DayEvent]) -> String {
    let mut out = String::new();
    for content in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//zhunsheng//calendar 1//ZH",
        "CALSCALE:GREGORIAN",
        &format!("X-WR-CALNAME:{}", escaped(name)),
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ] {
        line(&mut out, content);
    }
    events.iter().for_each(|event| write_event(&mut out, event));
    line(&mut out, "END:VCALENDAR");
    out
}

fn write_event(out: &mut String, event: &DayEvent) {
    let date = |day: Day| day.number().to_string();
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}", escaped(&event.uid)));
    line(out, &format!("DTSTAMP:{}", stamp(event.changed)));
    line(out, &format!("DTSTART;VALUE=DATE:{}", date(event.day)));
    line(out, &format!("DTEND;VALUE=DATE:{}", date(event.day.plus(1))));
    line(out, &format!("SUMMARY:{}", escaped(&event.summary)));
    line(out, &format!("DESCRIPTION:{}", escaped(&event.description)));
    if let Some(url) = &event.url {
        line(out, &format!("URL:{url}"));
    }
    line(out, if event.tentative { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
    line(out, "TRANSP:TRANSPARENT");
    line(out, "BEGIN:VALARM");
    line(out, "ACTION:DISPLAY");
    line(out, &format!("DESCRIPTION:{}", escaped(&event.summary)));
    line(out, &format!("TRIGGER:{}", event.remind));
    line(out, "END:VALARM");
    line(out, "END:VEVENT");
}

/// A moment in UTC.
fn stamp(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(TimeZone::UTC);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text value (RFC 5545 §3.3.11). Control characters are no text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A content line, folded.
fn line(out: &mut String, content: &str) {
    let mut octets = 0;
    for c in content.chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::{escaped, line, stamp};

    #[test]
    fn lines_are_folded_between_characters() {
        let mut out = String::new();
        line(&mut out, &"期限".repeat(40));
        assert!(out.ends_with("\r\n"));
        let folded: Vec<&str> = out.trim_end_matches("\r\n").split("\r\n").collect();
        assert!(folded.len() == 4 && folded.iter().all(|line| line.len() <= 75), "{folded:?}");
        assert!(folded.iter().skip(1).all(|line| line.starts_with(' ')));
        assert_eq!(folded.iter().map(|line| line.trim_start()).collect::<String>(), "期限".repeat(40));
        let mut exact = String::new();
        line(&mut exact, &"x".repeat(75));
        assert_eq!(exact, format!("{}\r\n", "x".repeat(75)));
    }

    #[test]
    fn texts_and_moments() {
        assert_eq!(escaped("a;b,c\\d\ne\r\u{7}"), "a\\;b\\,c\\\\d\\ne");
        assert_eq!(stamp(1_729_904_400_123), "20241026T010000Z");
    }
}
