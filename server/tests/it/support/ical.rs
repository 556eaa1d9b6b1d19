//! A strict reader of iCalendar (RFC 5545), written from the RFC and not from what we write: anything that it does not expect stops the test.

/// A property: name, parameters, value as written.
#[derive(Clone, Debug)]
pub struct Property {
    pub name: String,
    pub parameters: Vec<(String, String)>,
    pub value: String,
}

/// A component with its properties and what lies in it.
#[derive(Clone, Debug)]
pub struct Component {
    pub name: String,
    pub properties: Vec<Property>,
    pub inside: Vec<Component>,
}

impl Component {
    /// The value of a property that stands once.
    pub fn one(&self, name: &str) -> &Property {
        let found: Vec<&Property> = self.properties.iter().filter(|property| property.name == name).collect();
        assert_eq!(found.len(), 1, "{} of {}", name, self.name);
        found[0]
    }

    pub fn text(&self, name: &str) -> String {
        text(&self.one(name).value)
    }
}

/// A text value without its escapes; characters that must be escaped may not stand bare.
fn text(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c @ ('\\' | ';' | ',')) => out.push(c),
                other => panic!("escape {other:?} in {value}"),
            },
            ';' | ',' => panic!("bare {c} in {value}"),
            c => {
                assert!(!c.is_control(), "control character in {value:?}");
                out.push(c);
            }
        }
    }
    out
}

/// Content lines, unfolded: every line ends in CR LF and has at most 75 octets.
fn unfolded(stream: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let rest = stream.strip_suffix("\r\n").expect("the stream ends in CR LF");
    for line in rest.split("\r\n") {
        assert!(!line.contains(['\r', '\n']), "bare CR or LF: {line:?}");
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.is_empty(), "an empty line");
        match line.strip_prefix([' ', '\t']) {
            Some(more) => lines.last_mut().expect("a line to go on with").push_str(more),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn property(line: &str) -> Property {
    let (head, value) = line.split_once(':').unwrap_or_else(|| panic!("no value: {line}"));
    let mut parts = head.split(';');
    let name = parts.next().unwrap().to_owned();
    assert!(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-' || c.is_ascii_digit()),
        "{line}"
    );
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or_else(|| panic!("parameter without value: {line}"));
        (name.to_owned(), value.to_owned())
    };
    Property { name, parameters: parts.map(parameter).collect(), value: value.to_owned() }
}

fn component(lines: &mut std::vec::IntoIter<String>, name: String) -> Component {
    let mut found = Component { name, properties: Vec::new(), inside: Vec::new() };
    loop {
        let line = lines.next().unwrap_or_else(|| panic!("{} does not end", found.name));
        let property = property(&line);
        match property.name.as_str() {
            "BEGIN" => found.inside.push(component(lines, property.value)),
            "END" => {
                assert_eq!(property.value, found.name, "ends");
                return found;
            }
            _ => found.properties.push(property),
        }
    }
}

fn is_date(value: &str) -> bool {
    value.len() == 8 && value.chars().all(|c| c.is_ascii_digit())
}

/// Reads a whole stream and checks what RFC 5545 §3.6 demands of each component.
pub fn read(stream: &str) -> Component {
    let mut lines = unfolded(stream).into_iter();
    assert_eq!(lines.next().as_deref(), Some("BEGIN:VCALENDAR"));
    let calendar = component(&mut lines, "VCALENDAR".to_owned());
    assert_eq!(lines.next(), None, "nothing follows");
    assert_eq!(calendar.one("VERSION").value, "2.0");
    calendar.text("PRODID");
    let mut uids = Vec::new();
    for event in &calendar.inside {
        assert_eq!(event.name, "VEVENT");
        uids.push(event.text("UID"));
        let stamp = &event.one("DTSTAMP").value;
        assert!(
            stamp.len() == 16 && stamp.ends_with('Z') && is_date(&stamp[..8]) && &stamp[8..9] == "T",
            "DTSTAMP in UTC: {stamp}"
        );
        for name in ["DTSTART", "DTEND"] {
            let day = event.one(name);
            assert_eq!(day.parameters, [("VALUE".to_owned(), "DATE".to_owned())]);
            assert!(is_date(&day.value), "{}", day.value);
        }
        assert!(event.one("DTEND").value > event.one("DTSTART").value, "the end lies behind the start");
        event.text("SUMMARY");
        event.text("DESCRIPTION");
        assert!(["CONFIRMED", "TENTATIVE"].contains(&event.one("STATUS").value.as_str()));
        for alarm in &event.inside {
            assert_eq!(alarm.name, "VALARM");
            assert_eq!(alarm.one("ACTION").value, "DISPLAY");
            alarm.text("DESCRIPTION");
            assert!(alarm.one("TRIGGER").value.starts_with("-PT"), "{:?}", alarm.one("TRIGGER"));
        }
    }
    let count = uids.len();
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), count, "every UID stands once");
    calendar
}
