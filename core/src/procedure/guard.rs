//! The closed language of conditions. Readable by a lawyer, finite for the checker; anything else is an error.
//!
//! ```text
//! condition  := expression [ "if" expression ]
//! expression := expression "and" expression | expression "or" expression | "not" expression | "(" … ")" | atom
//! atom       := "done" step | "holds" predicate | "filled" field | "evidence" kind
//!             | "track" track "is" state|state…       | "linked" role "is" outcome|outcome… | "linked" role "open"
//!             | "clock" clock "is" running|expired|elapsed|stopped|unstarted
//!             | "party" role "is" natural|legal|sole_trader
//!             | "organ" field "is" kind|kind…  | "organ" field "serves" function|function…  | "organ" field "owns" field
//!             | field "=" code | field "!=" code | field "in" code|code… | field "has" code
//!             | field (">=" | "<=" | ">" | "<" | "==") (number | number"元" | "$"field | "@"table | "day")
//! ```
//!
//! `day` is the legal day of the act: of a late entry the day on which it happened, not the day of typing.

use crate::id::{
    ClockId, Code, EvidenceKind, FieldId, Outcome, PredicateId, RoleId, StateId, StepId, TableId, TrackId,
};

use super::model::PartyKind;

/// A condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    /// All hold.
    All(Vec<Expr>),
    /// At least one holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// One observable fact of the matter.
    Atom(Atom),
}

/// One observable fact of a matter.
#[derive(Clone, PartialEq, Debug)]
pub enum Atom {
    /// A step has been done (and not withdrawn).
    Done(StepId),
    /// A named condition holds.
    Holds(PredicateId),
    /// A field has a value.
    Filled(FieldId),
    /// A document of this kind is attached.
    Evidence(EvidenceKind),
    /// A track is in one of these states.
    Track(TrackId, Vec<StateId>),
    /// The last linked matter in this role ended in one of these ways.
    Linked(RoleId, Vec<Outcome>),
    /// A linked matter in this role is still open.
    LinkedOpen(RoleId),
    /// A clock's state.
    Clock(ClockId, ClockTest),
    /// Some party in this role is of one of these kinds.
    Party(RoleId, Vec<PartyKind>),
    /// What an organ in a field is, or holds by its own right.
    Organ(FieldId, OrganTest),
    /// A coded field has one of these values.
    CodeIn(FieldId, Vec<Code>),
    /// A list field contains this value.
    CodeHas(FieldId, Code),
    /// A number, amount or date compared.
    Compare(FieldId, Comparison, Operand),
}

/// What is asked of an organ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganTest {
    /// It is of one of these kinds.
    Kinds(Vec<Code>),
    /// It has one of these functions, e.g. 公安.
    Serves(Vec<Code>),
    /// It holds the power in this field, or some power in this field of law, by its own right.
    Owns(FieldId),
}

/// What a clock may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockTest {
    /// Started, not stopped, not past its due day.
    Running,
    /// Past its due day without having been stopped.
    Expired,
    /// A minimum that has passed.
    Elapsed,
    /// Stopped by a step.
    Stopped,
    /// Never started.
    Unstarted,
}

/// How numbers compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Over,
    /// `<`
    Under,
    /// `==`
    Same,
}

impl Comparison {
    /// Whether it holds.
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::AtLeast => left >= right,
            Self::AtMost => left <= right,
            Self::Over => left > right,
            Self::Under => left < right,
            Self::Same => left == right,
        }
    }
}

/// What a field is compared with.
#[derive(Clone, PartialEq, Debug)]
pub enum Operand {
    /// A constant (money in 分).
    Number(i64),
    /// Another field.
    Field(FieldId),
    /// A table of `law/tables/`.
    Table(TableId),
    /// The legal day of the act.
    Day,
}

/// A mistake in a condition: where (byte offset in its text) and what was expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuardError {
    /// Byte offset in the text.
    pub offset: usize,
    /// What is wrong.
    pub what: String,
}

#[derive(Clone, PartialEq, Debug)]
struct Token<'a> {
    text: &'a str,
    offset: usize,
}

/// Reads a condition.
pub fn parse(text: &str) -> Result<Expr, GuardError> {
    let mut parser = Parser { tokens: tokenize(text)?, at: 0, end: text.len() };
    let then = parser.either()?;
    let expr = if parser.take("if") {
        let when = parser.either()?;
        Expr::Any(vec![Expr::Not(Box::new(when)), then])
    } else {
        then
    };
    parser.finish()?;
    Ok(expr)
}

/// Reads `item` or `item if condition`; the item is one word.
pub fn parse_when(text: &str) -> Result<(String, Option<Expr>), GuardError> {
    match text.split_once(" if ") {
        None => Ok((text.trim().to_owned(), None)),
        Some((item, condition)) => {
            let shift = text.len() - condition.len();
            let expr = parse(condition).map_err(|e| GuardError { offset: e.offset + shift, ..e })?;
            Ok((item.trim().to_owned(), Some(expr)))
        }
    }
}

fn tokenize(text: &str) -> Result<Vec<Token<'_>>, GuardError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let offset = text.len() - rest.len();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '元';
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if [">=", "<=", "=="].iter().any(|symbol| rest.starts_with(symbol)) {
            2
        } else if "=<>|()$@".contains(first) {
            1
        } else {
            return Err(GuardError { offset, what: format!("`{first}` does not belong in a condition") });
        };
        let (token, tail) = rest.split_at(length);
        if !first.is_whitespace() {
            tokens.push(Token { text: token, offset });
        }
        rest = tail;
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    end: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).map(|token| token.text)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |token| token.offset)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.peek() == Some(text);
        self.at += usize::from(found);
        found
    }

    fn expected<T>(&self, what: &str) -> Result<T, GuardError> {
        let found = self.peek().map_or("the end".to_owned(), |text| format!("`{text}`"));
        Err(GuardError { offset: self.offset(), what: format!("expected {what}, found {found}") })
    }

    fn word(&mut self, what: &str) -> Result<&'a str, GuardError> {
        const RESERVED: [&str; 7] = ["and", "or", "not", "if", "is", "in", "has"];
        match self.peek() {
            Some(text) if text.starts_with(|c: char| c.is_ascii_lowercase()) && !RESERVED.contains(&text) => {
                self.at += 1;
                Ok(text)
            }
            _ => self.expected(what),
        }
    }

    /// `a|b|c`
    fn words(&mut self, what: &str) -> Result<Vec<&'a str>, GuardError> {
        let mut words = vec![self.word(what)?];
        while self.take("|") {
            words.push(self.word(what)?);
        }
        Ok(words)
    }

    fn keyword(&mut self, text: &str) -> Result<(), GuardError> {
        if self.take(text) { Ok(()) } else { self.expected(&format!("`{text}`")) }
    }

    fn finish(&self) -> Result<(), GuardError> {
        if self.at == self.tokens.len() { Ok(()) } else { self.expected("`and`, `or`, `if` or the end") }
    }

    fn either(&mut self) -> Result<Expr, GuardError> {
        let mut parts = vec![self.both()?];
        while self.take("or") {
            parts.push(self.both()?);
        }
        Ok(single(parts, Expr::Any))
    }

    fn both(&mut self) -> Result<Expr, GuardError> {
        let mut parts = vec![self.unary()?];
        while self.take("and") {
            parts.push(self.unary()?);
        }
        Ok(single(parts, Expr::All))
    }

    fn unary(&mut self) -> Result<Expr, GuardError> {
        if self.take("not") {
            return Ok(Expr::Not(Box::new(self.unary()?)));
        }
        if self.take("(") {
            let inner = self.either()?;
            self.keyword(")")?;
            return Ok(inner);
        }
        self.atom().map(Expr::Atom)
    }

    fn atom(&mut self) -> Result<Atom, GuardError> {
        let word = self.word("a condition")?;
        Ok(match word {
            "done" => Atom::Done(self.word("a step")?.into()),
            "holds" => Atom::Holds(self.word("a predicate")?.into()),
            "filled" => Atom::Filled(self.word("a field")?.into()),
            "evidence" => Atom::Evidence(self.word("a kind of evidence")?.into()),
            "track" => {
                let track = self.word("a track")?.into();
                self.keyword("is")?;
                Atom::Track(track, self.words("a state")?.into_iter().map(StateId::from).collect())
            }
            "linked" => self.linked()?,
            "clock" => {
                let clock = self.word("a clock")?.into();
                self.keyword("is")?;
                Atom::Clock(clock, self.clock_test()?)
            }
            "party" => {
                let role = self.word("a role")?.into();
                self.keyword("is")?;
                Atom::Party(role, self.party_kinds()?)
            }
            "organ" => self.organ()?,
            field => self.field_test(field.into())?,
        })
    }

    fn linked(&mut self) -> Result<Atom, GuardError> {
        let role = self.word("a role of linked matters")?.into();
        if self.take("open") {
            return Ok(Atom::LinkedOpen(role));
        }
        self.keyword("is")?;
        Ok(Atom::Linked(role, self.words("an outcome")?.into_iter().map(Outcome::from).collect()))
    }

    fn organ(&mut self) -> Result<Atom, GuardError> {
        let field = self.word("a field")?.into();
        if self.take("owns") {
            return Ok(Atom::Organ(field, OrganTest::Owns(self.word("a field")?.into())));
        }
        if self.take("serves") {
            let functions = self.words("a function of an organ")?;
            return Ok(Atom::Organ(field, OrganTest::Serves(functions.into_iter().map(Code::from).collect())));
        }
        self.keyword("is")?;
        let kinds = self.words("a kind of organ")?.into_iter().map(Code::from).collect();
        Ok(Atom::Organ(field, OrganTest::Kinds(kinds)))
    }

    fn clock_test(&mut self) -> Result<ClockTest, GuardError> {
        let test = match self.peek() {
            Some("running") => ClockTest::Running,
            Some("expired") => ClockTest::Expired,
            Some("elapsed") => ClockTest::Elapsed,
            Some("stopped") => ClockTest::Stopped,
            Some("unstarted") => ClockTest::Unstarted,
            _ => return self.expected("running, expired, elapsed, stopped or unstarted"),
        };
        self.at += 1;
        Ok(test)
    }

    fn party_kinds(&mut self) -> Result<Vec<PartyKind>, GuardError> {
        let at = self.at;
        let words = self.words("natural, legal or sole_trader")?;
        let kinds: Option<Vec<_>> = words.into_iter().map(PartyKind::parse).collect();
        kinds.map_or_else(
            || {
                self.at = at;
                self.expected("natural, legal or sole_trader")
            },
            Ok,
        )
    }

    fn field_test(&mut self, field: FieldId) -> Result<Atom, GuardError> {
        if self.take("=") {
            return Ok(Atom::CodeIn(field, vec![self.word("a code")?.into()]));
        }
        if self.take("in") {
            return Ok(Atom::CodeIn(field, self.words("a code")?.into_iter().map(Code::from).collect()));
        }
        if self.take("has") {
            return Ok(Atom::CodeHas(field, self.word("a code")?.into()));
        }
        let comparison = match self.peek() {
            Some(">=") => Comparison::AtLeast,
            Some("<=") => Comparison::AtMost,
            Some(">") => Comparison::Over,
            Some("<") => Comparison::Under,
            Some("==") => Comparison::Same,
            _ => return self.expected("=, in, has, >=, <=, >, < or =="),
        };
        self.at += 1;
        Ok(Atom::Compare(field, comparison, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, GuardError> {
        if self.take("$") {
            return Ok(Operand::Field(self.word("a field")?.into()));
        }
        if self.take("@") {
            return Ok(Operand::Table(self.word("a table")?.into()));
        }
        if self.take("day") {
            return Ok(Operand::Day);
        }
        let text = self.peek().unwrap_or_default();
        let (digits, scale) = text.strip_suffix('元').map_or((text, 1), |digits| (digits, 100));
        match digits.parse::<i64>().ok().and_then(|number| number.checked_mul(scale)) {
            Some(number) => {
                self.at += 1;
                Ok(Operand::Number(number))
            }
            None => self.expected("a number, an amount such as 2000元, $field, @table or day"),
        }
    }
}

fn single(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            parts.push(last);
            many(parts)
        }
        (_, None) => many(parts),
    }
}

impl Expr {
    /// Every atom, for the parser's reference check and the checker.
    pub fn atoms<'a>(&'a self, visit: &mut dyn FnMut(&'a Atom)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.atoms(visit)),
            Self::Not(inner) => inner.atoms(visit),
            Self::Atom(atom) => visit(atom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_as_written() {
        let expr = parse("linked legal_review is passed|passed_after_change if holds art58 and not (fine < 2000元 or kind = warning)").unwrap();
        let Expr::Any(parts) = expr else { panic!("an if is an any") };
        assert!(matches!(&parts[0], Expr::Not(_)));
        assert_eq!(
            parts[1],
            Expr::Atom(Atom::Linked("legal_review".into(), vec!["passed".into(), "passed_after_change".into()]))
        );
        assert_eq!(
            parse("fine <= $notified_fine").unwrap(),
            Expr::Atom(Atom::Compare("fine".into(), Comparison::AtMost, Operand::Field("notified_fine".into())))
        );
        assert_eq!(
            parse("fine >= 2000元").unwrap(),
            Expr::Atom(Atom::Compare("fine".into(), Comparison::AtLeast, Operand::Number(200_000)))
        );
        assert_eq!(
            parse("perform_by >= day").unwrap(),
            Expr::Atom(Atom::Compare("perform_by".into(), Comparison::AtLeast, Operand::Day))
        );
        assert_eq!(parse_when("fine if kinds has fine").unwrap().0, "fine");
    }

    #[test]
    fn mistakes_say_where_and_what() {
        let cases = [
            ("", 0, "expected a condition, found the end"),
            ("done", 4, "expected a step, found the end"),
            ("done notify and", 15, "expected a condition, found the end"),
            ("done notify done file", 12, "expected `and`, `or`, `if` or the end, found `done`"),
            ("fine ~ 3", 5, "`~` does not belong in a condition"),
            ("clock a is late", 11, "expected running, expired, elapsed, stopped or unstarted, found `late`"),
            ("(done a", 7, "expected `)`, found the end"),
            ("fine >= many", 8, "expected a number, an amount such as 2000元, $field, @table or day, found `many`"),
            ("party a is ghost", 11, "expected natural, legal or sole_trader, found `ghost`"),
        ];
        for (text, offset, what) in cases {
            assert_eq!(parse(text), Err(GuardError { offset, what: what.to_owned() }), "{text}");
        }
    }
}
