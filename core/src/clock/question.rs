//! A question to the clock from outside a matter: a statute, an article, its words, a start and what happened since.
//! The answer is a deadline with its working, or a problem with a code; an ambiguity is a problem, never a choice.
//!
//! The rules and codes are those of `vectors/cn-admin-time/README.md`. Its JSON is read elsewhere.

use super::phrase::{Measured, Phrase, Written};
use super::problem::Problem;
use super::{ClockRun, Deadline, Direction, Due, Duty, Exclusion, Extension, Limit, LimitKind, Unit, question_words};
use crate::basis::{Article, Basis, Grade};
use crate::calendar::Calendar;
use crate::day::{Day, Moment};
use crate::statute::{Edition, Statute, Statutes, bare_name};

/// More units than any statute has; a larger number is a slip of the pen.
const AMOUNT_MAX: u32 = 36_500;

/// What the answer is found with.
pub struct Known<'a> {
    /// The statutes.
    pub statutes: &'a Statutes,
    /// The calendars.
    pub calendar: &'a Calendar,
    /// Looks a citation and a phrase up in the texts, where texts are loaded.
    pub texts: Option<&'a LookUp<'a>>,
}

/// Looks an article of an edition up, and a phrase in it.
pub type LookUp<'a> = dyn Fn(&Statute, &Edition, Article, &str) -> Looked + 'a;

/// What looking into the texts found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looked {
    /// The phrase stands in the article.
    Stands,
    /// The article is there, the phrase is not in it.
    NoPhrase,
    /// There is no such article.
    NoArticle,
    /// No text of that edition is loaded.
    NoText,
}

/// A day, and the moment if one was said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Start {
    /// The day.
    pub day: Day,
    /// The moment.
    pub at: Option<Moment>,
}

impl Start {
    /// Reads `2024-01-05` or `2024-01-05T15:30` (seconds and `+08:00` may be written out), and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('T') {
            let bare = text.strip_suffix("+08:00").unwrap_or(text);
            let at = Moment::parse(text).filter(|_| matches!(bare.len(), 16 | 19) && bare.is_ascii())?;
            return Some(Self { day: at.day(), at: Some(at) });
        }
        let day = Day::parse(text).filter(|day| day.to_string() == text)?;
        Some(Self { day, at: None })
    }

    fn moment(self) -> Moment {
        self.at.unwrap_or_else(|| Moment::on(self.day, 0))
    }
}

/// The unit of a stated limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatedUnit {
    /// A unit with an amount. [`Unit::Day`] is a calendar day here, always.
    Plain(Unit),
    /// A date of each year, said here or in the phrase.
    Fixed(Option<(u32, u32)>),
}

/// A limit as the asker states it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stated {
    /// So much of a unit; the amount of a fixed date means nothing.
    Limit(i64, StatedUnit),
    /// What was stated is no limit; the words say what it was.
    Unreadable(String),
}

/// Something that happened while the limit ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happened {
    /// An interval that the law leaves out: the first excluded day, and the first day counted again.
    Exclude(Start, Option<Start>),
    /// Prolonged by so much, from the unrolled end.
    Extend(i64, Unit),
    /// Counted anew from that day.
    Restart(Start),
    /// No event; the words say what it was.
    Unreadable(String),
}

/// The question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Name of the statute, as people write it.
    pub statute: String,
    /// The day on which the edition was adopted; else the one in force on the start.
    pub edition: Option<Day>,
    /// The article, as people write it.
    pub article: String,
    /// The words of the article from which the limit is read.
    pub phrase: String,
    /// The limit, if the asker states it.
    pub limit: Option<Stated>,
    /// The day of the event from which it runs; counted backward, the future event.
    pub start: Start,
    /// What happened, in order.
    pub events: Vec<Happened>,
    /// Said, or read from the phrase.
    pub direction: Option<Direction>,
    /// Said, or read from the phrase.
    pub kind: Option<LimitKind>,
    /// Who is bound, if it was said.
    pub duty: Option<Duty>,
    /// Whether the last day rolls over, where the statute's own rule shall not decide.
    pub roll: Option<bool>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// When, and why.
    pub deadline: Deadline,
    /// The limit that was counted, for the count day by day.
    pub run: ClockRun,
}

/// What the statute and the question together say.
pub(super) struct Reading<'a> {
    pub(super) question: &'a Question,
    pub(super) statute: &'a Statute,
    pub(super) edition: &'a Edition,
    pub(super) basis: Basis,
    pub(super) phrase: Phrase,
    pub(super) direction: Direction,
    pub(super) kind: LimitKind,
}

/// A limit with why its unit is what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Resolved {
    pub(super) amount: u32,
    pub(super) unit: Unit,
    /// Written in 日, so that the statute had to say what it is.
    pub(super) in_days: bool,
}

impl Question {
    /// Answers.
    ///
    /// # Errors
    /// The first that applies of the codes of the suite, in its order.
    pub fn answer(&self, known: &Known<'_>) -> Result<Answer, Problem> {
        let reading = self.read(known)?;
        let resolved = reading.limit()?;
        let roll = reading.roll(resolved.unit)?;
        if resolved.unit == Unit::Hour && self.start.at.is_none() {
            return Err(Problem::BadDate("以小时计算的期限，起算要有时刻，如 2024-01-05T15:30".to_owned()));
        }
        let limit = Limit {
            amount: resolved.amount,
            unit: resolved.unit,
            kind: reading.kind,
            direction: reading.direction,
            roll,
            start_counts: None,
        };
        let run = reading.run(limit)?;
        let mut deadline = run.deadline(known.calendar);
        match deadline.due {
            Due::On(_) | Due::At(_) => {}
            Due::Suspended => return Err(Problem::Suspended),
            Due::Provisional { missing_year, .. } => return Err(Problem::MissingCalendarYear(missing_year)),
        }
        question_words::add(&mut deadline.because, &reading, resolved);
        Ok(Answer { deadline, run })
    }

    fn read<'a>(&'a self, known: &'a Known<'_>) -> Result<Reading<'a>, Problem> {
        let (statute, adopted) = self.statute_in(known.statutes)?;
        let edition = self.edition_of(statute, self.edition.or(adopted))?;
        let article = self.article_of(statute).ok_or_else(|| Problem::BadArticle(self.article.clone()))?;
        let basis = Basis { grade: Grade::Statutory, source: statute.short.clone(), article: Some(article) };
        let looked = known.texts.map_or(Looked::NoText, |look| look(statute, edition, article, &self.phrase));
        let zero = [Some(article.number), article.insert, article.paragraph, article.item].contains(&Some(0));
        // The statutes whose number of articles is listed have none that were inserted (第几条之一).
        let inserted = looked == Looked::NoText && article.insert.is_some();
        let beyond = edition.articles.is_some_and(|last| article.number > last || inserted);
        if zero || beyond || looked == Looked::NoArticle {
            return Err(Problem::UnknownArticle(basis, edition.adopted));
        }
        if looked == Looked::NoPhrase {
            return Err(Problem::PhraseNotInArticle(self.phrase.clone(), basis));
        }
        let phrase = Phrase::read(&self.phrase);
        let direction = self.direction.unwrap_or_else(|| self.direction_of(&phrase));
        let kind = if phrase.at_least { LimitKind::Minimum } else { LimitKind::Maximum };
        Ok(Reading { question: self, statute, edition, basis, phrase, direction, kind: self.kind.unwrap_or(kind) })
    }

    /// The statute by its name; 行政处罚法（2021修订）, 信访工作条例(2022) name the edition as well.
    fn statute_in<'a>(&self, statutes: &'a Statutes) -> Result<(&'a Statute, Option<Day>), Problem> {
        if let Some(statute) = statutes.find(&self.statute) {
            return Ok((statute, None));
        }
        let written = self.statute.replace('（', "(").replace('）', ")");
        let named = written.trim().trim_end_matches('》').strip_suffix(')').and_then(|text| text.rsplit_once('('));
        let found = named.and_then(|(name, words)| {
            let statute = statutes.find(name)?;
            let meant = |edition: &&Edition| {
                Some(edition.adopted) == dated(words) || year(words) == Some(edition.adopted.year())
            };
            Some((statute, Some(statute.editions.iter().find(meant)?.adopted)))
        });
        found.ok_or_else(|| Problem::UnknownStatute(self.statute.clone()))
    }

    /// The article; its statute may stand in front: 《行政处罚法》第六十条.
    fn article_of(&self, statute: &Statute) -> Option<Article> {
        let cited = bare_name(&self.article);
        let names = [&statute.short, &statute.title].into_iter().chain(&statute.aliases);
        let behind = |name: &String| Some(cited.strip_prefix(bare_name(name))?.trim_start_matches('》'));
        Article::read(&self.article).or_else(|| names.filter_map(behind).find_map(Article::read))
    }

    /// That of the amount meant, where the phrase has several.
    fn direction_of(&self, phrase: &Phrase) -> Direction {
        let meant = phrase.amounts.iter().find(|measured| match &self.limit {
            Some(Stated::Limit(amount, StatedUnit::Plain(_))) => i64::from(measured.amount) == *amount,
            _ => true,
        });
        meant.map_or(Direction::Forward, |measured| measured.direction)
    }

    fn edition_of<'a>(&self, statute: &'a Statute, adopted: Option<Day>) -> Result<&'a Edition, Problem> {
        let on = self.start.day;
        let not_in_force = |edition: Option<&Edition>| Problem::EditionNotInForce {
            statute: statute.short.clone(),
            adopted: edition.map(|edition| edition.adopted),
            in_force: edition.map(|edition| edition.in_force),
            until: edition.and_then(|edition| edition.until),
            on,
        };
        let Some(adopted) = adopted else {
            return statute.on(on).ok_or_else(|| not_in_force(None));
        };
        let unknown = || Problem::UnknownEdition(statute.short.clone(), adopted);
        let edition = statute.adopted(adopted).ok_or_else(unknown)?;
        if edition.applies_on(on) { Ok(edition) } else { Err(not_in_force(Some(edition))) }
    }
}

/// What may stand behind the day or the year of an edition.
const EDITION_WORDS: [&str; 9] = ["年修订", "年修正", "修订", "修正", "通过", "公布", "年版", "版", "年"];

fn without_edition_words(text: &str) -> &str {
    let text = text.trim();
    EDITION_WORDS.iter().find_map(|words| text.strip_suffix(words)).unwrap_or(text)
}

/// The day of adoption as people name an edition: `2021-01-22`, `2021-01-22修订`.
pub fn dated(text: &str) -> Option<Day> {
    Start::parse(without_edition_words(text)).filter(|start| start.at.is_none()).map(|start| start.day)
}

/// `2021`, `2021年修订`.
fn year(text: &str) -> Option<i16> {
    let year = without_edition_words(text);
    year.parse().ok().filter(|_| year.len() == 4)
}

/// The basis of a roll-over that only whoever asks demands.
fn asked_for() -> Basis {
    Basis { grade: Grade::Internal, source: "所给要求".to_owned(), article: None }
}

impl Reading<'_> {
    pub(super) fn backward(&self) -> bool {
        self.direction == Direction::Backward
    }

    /// Whether the rule of 日 is confined to organs and this limit is not one of theirs (行政许可法§82).
    fn beyond_the_rule(&self, amount: u32) -> bool {
        let Some(rule) = &self.edition.counting.work_days else { return false };
        let article = self.basis.article.map(|article| article.number);
        rule.organs_only()
            && (self.question.duty == Some(Duty::Party)
                || rule.party.iter().any(|limit| limit.amount == amount && Some(limit.article) == article))
    }

    /// What that many 日 are, or nothing if the text leaves it open.
    pub(super) fn days(&self, amount: u32) -> Option<Unit> {
        let counting = &self.edition.counting;
        if self.beyond_the_rule(amount) {
            return None;
        }
        match &counting.work_days {
            Some(_) => Some(counting.days(amount)),
            None if counting.days_open && counting.roll.is_none() => None,
            None => Some(Unit::Day),
        }
    }

    /// Whether a stated unit may stand for that many 日.
    fn may_be(&self, amount: u32, unit: Unit) -> bool {
        matches!(unit, Unit::Day | Unit::WorkDay) && self.days(amount).is_none_or(|settled| settled == unit)
    }

    fn limit(&self) -> Result<Resolved, Problem> {
        match &self.question.limit {
            None => self.unstated(),
            Some(Stated::Unreadable(what)) => Err(Problem::BadLimit(what.clone())),
            Some(Stated::Limit(_, StatedUnit::Fixed(date))) => self.fixed(*date),
            Some(Stated::Limit(amount, StatedUnit::Plain(unit))) => self.stated(*amount, *unit),
        }
    }

    fn unreadable(&self) -> Problem {
        Problem::PhraseUnreadable(self.question.phrase.clone())
    }

    fn unstated(&self) -> Result<Resolved, Problem> {
        let Measured { amount, written, .. } = match self.phrase.amounts.as_slice() {
            [] => return self.fixed(None),
            [one] => *one,
            _ => return Err(self.unreadable()),
        };
        if amount > AMOUNT_MAX {
            return Err(self.unreadable());
        }
        let in_days = written == Written::Days;
        let unit = written.unit().or_else(|| self.days(amount));
        if let Some(unit) = unit {
            return Ok(Resolved { amount, unit, in_days });
        }
        // The plain reading of a maximum is also the cautious one; of any other it is the laxer one.
        if self.beyond_the_rule(amount) || self.backward() || self.kind == LimitKind::Minimum {
            return Err(Problem::UnitOpen(self.basis.clone(), amount));
        }
        Ok(Resolved { amount, unit: Unit::Day, in_days })
    }

    fn stated(&self, amount: i64, unit: Unit) -> Result<Resolved, Problem> {
        let amount = u32::try_from(amount).ok().filter(|amount| (1..=AMOUNT_MAX).contains(amount));
        let amount = amount.ok_or_else(|| Problem::BadLimit("数量应为正整数".to_owned()))?;
        let conflict = || Problem::UnitConflict {
            stated: format!("{amount}{}", unit.chinese()),
            basis: self.basis.clone(),
            rule: self.edition.counting.work_days.as_ref().map(|rule| rule.basis.clone()),
        };
        if self.phrase.amounts.is_empty() {
            // Without words only a statute's own rule of working days can contradict.
            return if self.rule_allows(amount, unit) {
                Ok(Resolved { amount, unit, in_days: false })
            } else {
                Err(conflict())
            };
        }
        let of_amount: Vec<&Measured> = self.phrase.amounts.iter().filter(|m| m.amount == amount).collect();
        if of_amount.is_empty() {
            return Err(Problem::AmountConflict(amount, self.question.phrase.clone()));
        }
        let fits = |measured: &&&Measured| match measured.written.unit() {
            None => self.may_be(amount, unit),
            Some(written) => written == unit,
        };
        let measured = of_amount.iter().find(fits).ok_or_else(conflict)?;
        Ok(Resolved { amount, unit, in_days: measured.written == Written::Days })
    }

    fn rule_allows(&self, amount: u32, unit: Unit) -> bool {
        let ruled = self.edition.counting.work_days.is_some() && matches!(unit, Unit::Day | Unit::WorkDay);
        !ruled || self.may_be(amount, unit)
    }

    fn fixed(&self, stated: Option<(u32, u32)>) -> Result<Resolved, Problem> {
        let (month, day) = match (stated, self.phrase.date) {
            (Some(stated), Some(written)) if stated != written => {
                return Err(Problem::AmountConflict(stated.1, self.question.phrase.clone()));
            }
            (Some(date), _) | (None, Some(date)) => date,
            (None, None) => return Err(self.unreadable()),
        };
        let (month, day) = u8::try_from(month).ok().zip(u8::try_from(day).ok()).ok_or_else(|| self.unreadable())?;
        // 2024 has every day that a year can have.
        let exists = Day::new(2024, i8::try_from(month).unwrap_or(0), i8::try_from(day).unwrap_or(0)).is_some();
        if !exists {
            return Err(self.unreadable());
        }
        Ok(Resolved { amount: 1, unit: Unit::Fixed(month, day), in_days: false })
    }

    fn roll(&self, unit: Unit) -> Result<Option<Basis>, Problem> {
        let can = !matches!(unit, Unit::Hour | Unit::Fixed(..)) && !self.backward();
        let own = self.edition.counting.roll.clone();
        match self.question.roll {
            Some(true) if !can => {
                Err(Problem::BadLimit("以小时计算、向前倒算或者固定日期的期限，最后一日不顺延".to_owned()))
            }
            // No article is named that does not say it.
            Some(true) => Ok(Some(own.unwrap_or_else(asked_for))),
            Some(false) => Ok(None),
            None => Ok(own.filter(|_| can)),
        }
    }

    /// The limit with everything that happened since the last restart.
    fn run(&self, limit: Limit) -> Result<ClockRun, Problem> {
        let start = &self.question.start;
        let mut run = ClockRun {
            start_at: start.at.filter(|_| limit.unit == Unit::Hour),
            duty: self.question.duty.unwrap_or(Duty::Organ),
            ..ClockRun::new("question".into(), self.basis.clone(), limit, start.day)
        };
        for event in &self.question.events {
            self.apply(event, &mut run)?;
        }
        Ok(run)
    }

    fn apply(&self, event: &Happened, run: &mut ClockRun) -> Result<(), Problem> {
        let bad = |what: &str| Err(Problem::BadEvent(what.to_owned()));
        let in_hours = run.limit.unit == Unit::Hour;
        match event {
            Happened::Unreadable(what) => bad(what),
            Happened::Exclude(..) if matches!(run.limit.unit, Unit::Fixed(..)) => bad("固定日期的期限没有扣除"),
            Happened::Exclude(from, until) => {
                let ends_first = until
                    .is_some_and(|until| if in_hours { until.moment() < from.moment() } else { until.day < from.day });
                if ends_first {
                    return bad("扣除的期间在开始之前就结束了");
                }
                run.exclusions.push(Exclusion {
                    from: from.day,
                    until: until.map(|until| until.day),
                    basis: None,
                    from_at: from.at,
                    until_at: until.and_then(|until| until.at),
                });
                Ok(())
            }
            Happened::Extend(..) if self.backward() => bad("向前倒算的期限不能延长"),
            Happened::Extend(amount, unit) => self.extend(*amount, *unit, run),
            Happened::Restart(anew) => {
                let before = if in_hours {
                    anew.moment() < run.start_at.unwrap_or_else(|| Moment::on(run.start, 0))
                } else {
                    anew.day < run.start
                };
                // Counted backward, the event itself may be brought forward.
                if before && !self.backward() {
                    return bad("重新计算之日早于起算之日");
                }
                run.start = anew.day;
                run.start_at = in_hours.then(|| anew.moment());
                run.exclusions.clear();
                run.extensions.clear();
                Ok(())
            }
        }
    }

    fn extend(&self, amount: i64, unit: Unit, run: &mut ClockRun) -> Result<(), Problem> {
        let bad = |what: &str| Err(Problem::BadEvent(what.to_owned()));
        let Some(amount) = u32::try_from(amount).ok().filter(|amount| (1..=AMOUNT_MAX).contains(amount)) else {
            return bad("延长的数量应为正整数");
        };
        if matches!(unit, Unit::Fixed(..)) || (unit == Unit::Hour) != (run.limit.unit == Unit::Hour) {
            return bad("延长的单位与期限不合：小时只能延长小时，日、月、年不能延长小时");
        }
        if !self.rule_allows(amount, unit) {
            return Err(Problem::UnitConflict {
                stated: format!("延长{amount}{}", unit.chinese()),
                basis: self.basis.clone(),
                rule: self.edition.counting.work_days.as_ref().map(|rule| rule.basis.clone()),
            });
        }
        run.extensions.push(Extension { amount, unit, basis: None });
        Ok(())
    }
}
