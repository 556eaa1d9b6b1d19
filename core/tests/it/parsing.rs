//! What an author of a procedure file reads when something is wrong: file, line, column, what was expected.

use zhunsheng_core::procedure::parse;

const GOOD: &str = include_str!("definitions/permit.toml");

/// The definition with one text replaced: the message, and the line it points at.
fn error_of(from: &str, to: &str) -> (String, String) {
    assert!(GOOD.contains(from), "{from}");
    let source = GOOD.replacen(from, to, 1);
    let error = parse("permit.toml", &source).expect_err(to);
    let (line, column) = error.at.unwrap_or_default();
    let text = source.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
    assert!(column <= text.chars().count() + 1, "{error}");
    (error.what, text)
}

#[test]
fn the_definition_itself_reads() {
    let procedure = parse("permit.toml", GOOD).unwrap();
    assert_eq!(procedure.steps.len(), 7);
    assert_eq!(procedure.clocks.len(), 4);
}

#[test]
fn mistakes_point_at_themselves() {
    let cases = [
        // unknown key
        ("unit_x", "title = \"测试许可\"", "title = \"测试许可\"\ncolour = 1", "unknown field `colour`", "colour = 1"),
        // wrong type
        ("type", "max = 20", "max = \"twenty\"", "invalid type: string \"twenty\", expected i64", "max = \"twenty\""),
        // a shape that does not exist
        ("enum", "kind = \"review\"", "kind = \"revue\"", "unknown variant `revue`", "kind = \"revue\""),
        // what does not go together
        ("agenda", "max = 20", "max = 20\nagenda = true", "only a date stands in calendars", "id = \"note\""),
        (
            "of",
            "max = 20",
            "max = 20\nof = { procedure = \"permit\" }",
            "only a matter field has `of`",
            "of = { procedure = \"permit\" }",
        ),
        ("matter", "kind = \"long_text\"\nmax = 20", "kind = \"matter\"", "field `note` needs `of`", "id = \"note\""),
        // dangling ids of every sort
        (
            "state",
            "to = \"examined\"",
            "to = \"examind\"",
            "state `examind` is not defined; known: begun",
            "to = \"examind\"",
        ),
        (
            "track",
            "track = \"disclosure\"",
            "track = \"disclosed\"",
            "track `disclosed` is not defined",
            "track = \"disclosed\"",
        ),
        (
            "step",
            "stops = [\"grant\", \"deny\"]",
            "stops = [\"grant\", \"refuse\"]",
            "step `refuse` is not defined",
            "stops = [\"grant\", \"refuse\"]",
        ),
        (
            "field",
            "may_fill = [\"fee\", \"cap\", \"domain\", \"asked_on\"]",
            "may_fill = [\"fees\"]",
            "field `fees` is not defined",
            "may_fill = [\"fees\"]",
        ),
        (
            "role",
            "parties = [\"applicant\"]",
            "parties = [\"applicants\"]",
            "role `applicants` is not defined",
            "parties = [\"applicants\"]",
        ),
        ("list", "list = \"secrecy\"", "list = \"secret\"", "list `secret` is not defined", "list = \"secret\""),
        (
            "evidence",
            "evidence = [\"map if",
            "evidence = [\"plan if",
            "evidence `plan` is not defined",
            "evidence = [\"plan if subject = road\"]",
        ),
        (
            "instrument",
            "issues = [\"denial\"]",
            "issues = [\"denials\"]",
            "instrument `denials` is not defined",
            "issues = [\"denials\"]",
        ),
        (
            "disclosure",
            "discloses = [\"decision\"]",
            "discloses = [\"decisions\"]",
            "disclosure `decisions` is not defined",
            "discloses = [\"decisions\"]",
        ),
        (
            "clock",
            "clock wait is elapsed",
            "clock await is elapsed",
            "clock `await` is not defined",
            "that = \"clock await is elapsed\"",
        ),
        (
            "predicate",
            "if holds large",
            "if holds huge",
            "predicate `huge` is not defined",
            "also = [\"disclosure.owed if holds huge\"]",
        ),
        (
            "code",
            "note if subject = road",
            "note if subject = river",
            "code `river` is not defined; known: road, well",
            "fill = [\"secrecy\", \"subject\", \"note if subject = river\"]",
        ),
        (
            "invariant",
            "never = \"grant before examine\"",
            "never = \"grant after examine\"",
            "expected `step before step`",
            "never = \"grant after examine\"",
        ),
        // grammar
        (
            "limit",
            "limit = \"20 work_day\"",
            "limit = \"20 workday\"",
            "expected a limit such as",
            "limit = \"20 workday\"",
        ),
        ("money", "fee >= 500元", "fee >= 550", "write the number with 元", ""),
        (
            "basis",
            "basis = \"行政许可法§45\"",
            "basis = \"许可法第45条\"",
            "expected 法名§条, 制度:名称 or 内控:名称",
            "basis = \"许可法第45条\"",
        ),
        (
            "guard",
            "not linked expert open",
            "not linked expert opened",
            "expected `is`, found `opened`",
            "that = \"not linked expert opened\"",
        ),
        (
            "day",
            "fee <= $cap if filled fee",
            "fee <= day if filled fee",
            "`fee` is not a date: it is not compared with the day of the act",
            "that = \"fee <= day if filled fee\"",
        ),
        (
            "not_by",
            "not_by = [\"file 行政许可法§48\"]",
            "not_by = [\"file\"]",
            "expected a step and its basis",
            "not_by = [\"file\"]",
        ),
        ("twice", "id = \"ask\"", "id = \"file\"", "step `file` is defined twice", "id = \"file\""),
        ("word", "id = \"ask\"", "id = \"Ask\"", "expected an identifier in snake_case", "id = \"Ask\""),
        (
            "number",
            "number = \"{short}许〔{year}〕{n}号\"",
            "number = \"许号\"",
            "a number pattern contains {n}",
            "number = \"许号\"",
        ),
    ];
    for (name, from, to, what, line) in cases {
        // 550 is a whole number of 元 only by chance of hundreds; amounts must say 元.
        let (found, at) = error_of(from, to);
        assert!(found.contains(what), "{name}: {found}");
        assert!(line.is_empty() || at.trim() == line, "{name}: points at `{at}`");
    }
}

#[test]
fn the_column_of_a_condition_is_inside_its_text() {
    let source = GOOD.replacen("not linked expert open", "not linked expert opened", 1);
    let error = parse("permit.toml", &source).unwrap_err();
    let (line, column) = error.at.unwrap();
    let text: String = source.lines().nth(line - 1).unwrap().chars().skip(column - 1).take(6).collect();
    assert_eq!(text, "opened");
}
