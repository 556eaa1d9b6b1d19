//! Citations against the statutes: the statute is known, an edition is in force, the article exists, the phrase stands in
//! it, and number, unit and direction are what the phrase and the statute's own rule for 日 say.

use std::collections::BTreeSet;

use super::Surroundings;
use super::finding::{Code, Findings, Subject};
use super::lock::{Locked, Passage, cited};
use crate::basis::{Article, Basis, Grade};
use crate::clock::{Direction, Duty, Expiry, Limit, LimitKind, Phrase, Unit, Written};
use crate::procedure::{Clock, Procedure, Shape};
use crate::statute::{Edition, Statute};

/// A citation with the place that makes it, and the words it relies on.
pub(super) struct Cited<'p> {
    pub(super) subject: Subject,
    pub(super) basis: &'p Basis,
    pub(super) phrase: Option<&'p str>,
}

/// Every citation of a procedure.
pub(super) fn all(procedure: &Procedure) -> Vec<Cited<'_>> {
    fn plain(subject: Subject, basis: &Basis) -> Cited<'_> {
        Cited { subject, basis, phrase: None }
    }
    fn phrase(text: &str) -> Option<&str> {
        Some(text).filter(|text| !text.trim().is_empty())
    }
    let mut all: Vec<Cited<'_>> = Vec::new();
    for step in &procedure.steps {
        let subject = || Subject::Step(step.id.clone());
        all.push(plain(subject(), &step.authority));
        all.extend(step.not_by.iter().map(|not| plain(subject(), &not.basis)));
        let officers = step.officers.iter();
        all.extend(officers.map(|o| Cited { subject: subject(), basis: &o.basis, phrase: phrase(&o.phrase) }));
        let powers = step.power.iter().flat_map(|power| [&power.basis, &power.entrusting, &power.assigning]);
        all.extend(powers.map(|basis| plain(subject(), basis)));
        let guards = step.guards.iter().enumerate();
        all.extend(guards.map(|(n, guard)| plain(Subject::Guard(step.id.clone(), n), &guard.basis)));
    }
    for clock in &procedure.clocks {
        let subject = || Subject::Clock(clock.id.clone());
        all.push(Cited { subject: subject(), basis: &clock.basis, phrase: phrase(&clock.phrase) });
        let rolls = clock.limit.roll.iter().chain(&clock.limit.start_counts);
        all.extend(rolls.map(|basis| plain(subject(), basis)));
        all.extend(clock.suspends.iter().map(|left_out| plain(subject(), &left_out.basis)));
        all.extend(clock.extends.iter().map(|extends| plain(subject(), &extends.basis)));
        for (n, over) in clock.overrides.iter().enumerate() {
            let subject = Subject::Override(clock.id.clone(), n);
            all.push(Cited { subject, basis: &over.basis, phrase: phrase(&over.phrase) });
        }
        if let Expiry::Step(_, basis) = &clock.expiry {
            all.push(plain(subject(), basis));
        }
    }
    let predicates = procedure.predicates.iter();
    all.extend(predicates.map(|predicate| plain(Subject::Predicate(predicate.id.clone()), &predicate.basis)));
    all.extend(procedure.generic.values().map(|rule| plain(Subject::Generic, &rule.basis)));
    let disclosures = procedure.disclosures.iter();
    all.extend(disclosures.map(|one| plain(Subject::Disclosure(one.id.clone()), &one.basis)));
    let invariants = procedure.invariants.iter();
    all.extend(invariants.map(|one| plain(Subject::Invariant(one.id.clone()), &one.basis)));
    all.retain(|cited| cited.basis.grade == Grade::Statutory);
    all
}

/// The editions under which a definition may be applied, oldest first: the one in force when it begins, and later ones.
pub(super) fn editions<'s>(statute: &'s Statute, procedure: &Procedure) -> Vec<&'s Edition> {
    let (from, until) = (procedure.in_force_from, procedure.in_force_until);
    let applies = |edition: &&Edition| {
        edition.until.is_none_or(|end| from < end) && until.is_none_or(|until| edition.in_force < until)
    };
    statute.editions.iter().filter(applies).collect()
}

/// Checks every citation.
pub(super) fn check(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    if around.statutes.iter().next().is_none() {
        return;
    }
    own_statute(procedure, around, findings);
    let mut unknown = BTreeSet::new();
    let mut outside = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for cited in all(procedure) {
        let name = &cited.basis.source;
        let Some(statute) = around.statutes.find(name) else {
            if unknown.insert(name.clone()) {
                findings.add(
                    Code::UnknownStatute,
                    cited.subject,
                    format!("所引法规“{name}”不在 law/statutes.toml 中"),
                    "在 law/statutes.toml 中登记该法规的名称、版本和施行日期，或者改正名称",
                );
            }
            continue;
        };
        if outside.insert(statute.short.clone()) {
            in_time(procedure, &cited, statute, findings);
        }
        if seen.insert((cited.basis.clone(), cited.phrase, cited.subject.clone())) {
            one(procedure, &cited, statute, around, findings);
        }
    }
    for clock in &procedure.clocks {
        let own = (Subject::Clock(clock.id.clone()), &clock.basis, clock.phrase.as_str(), &clock.limit);
        let others =
            clock.overrides.iter().enumerate().map(|(n, over)| {
                (Subject::Override(clock.id.clone(), n), &over.basis, over.phrase.as_str(), &over.limit)
            });
        for (subject, basis, phrase, limit) in std::iter::once(own).chain(others) {
            let Some(statute) = around.statutes.find(&basis.source).filter(|_| basis.grade == Grade::Statutory) else {
                continue;
            };
            let editions = editions(statute, procedure);
            measured(clock, &subject, phrase, limit, editions.last().copied(), findings);
        }
    }
}

/// The statute that the procedure serves first must be in force when it begins.
fn own_statute(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    let Some(statute) = around.statutes.find(&procedure.statute) else {
        findings.add(
            Code::UnknownStatute,
            Subject::Procedure,
            format!("程序首先依据的“{}”不在 law/statutes.toml 中", procedure.statute),
            "在 law/statutes.toml 中登记该法规，或者改正名称",
        );
        return;
    };
    if procedure.shape == Shape::Register {
        return;
    }
    let from = procedure.in_force_from;
    let first = statute.editions.first().map(|edition| edition.in_force);
    if let Some(first) = first.filter(|first| from < *first) {
        findings.add(
            Code::EditionNotInForce,
            Subject::Procedure,
            format!("程序自{}起施行，所知的《{}》自{}起才施行", from.chinese(), statute.short, first.chinese()),
            "改正 in_force_from，或者在 law/statutes.toml 中登记较早的版本",
        );
    }
}

/// Some edition of a cited statute applies while the definition does, from its first day on. A register holds what began
/// long before the law that it cites.
fn in_time(procedure: &Procedure, cited: &Cited<'_>, statute: &Statute, findings: &mut Findings<'_>) {
    let from = procedure.in_force_from;
    let of_own = procedure.shape == Shape::Register || statute.short == procedure.statute;
    match editions(statute, procedure).first() {
        None => findings.add(
            Code::EditionNotInForce,
            cited.subject.clone(),
            format!("{}：程序自{}起施行，其间《{}》没有有效的版本", cited.basis, from.chinese(), statute.short),
            "改引程序施行期间有效的法规，或者在 law/statutes.toml 中登记有效的版本",
        ),
        Some(first) if from < first.in_force && !of_own => findings.add(
            Code::EditionUnknown,
            cited.subject.clone(),
            format!(
                "{}：程序自{}起施行，所知的《{}》版本自{}起施行，以前的版本没有登记",
                cited.basis,
                from.chinese(),
                statute.short,
                first.in_force.chinese()
            ),
            "在 law/statutes.toml 中登记较早的版本，或者确认较早的版本有同样的规定",
        ),
        Some(_) => {}
    }
}

fn one(
    procedure: &Procedure,
    cited: &Cited<'_>,
    statute: &Statute,
    around: &Surroundings<'_>,
    findings: &mut Findings<'_>,
) {
    let Some(article) = cited.basis.article else { return };
    let editions = editions(statute, procedure);
    let beyond = |edition: &&Edition| edition.articles.is_some_and(|last| article.number > last || article.number == 0);
    if !editions.is_empty() && editions.iter().all(beyond) {
        let last = editions.last().and_then(|edition| edition.articles).unwrap_or_default();
        findings.add(
            Code::UnknownArticle,
            cited.subject.clone(),
            format!("{}不存在：该法规只有{last}条", cited.basis),
            "改正条文编号",
        );
        return;
    }
    match around.texts {
        Some(texts) => {
            let read: Vec<(&Edition, Passage)> =
                editions.iter().map(|e| (*e, texts.passage(&statute.short, e.adopted, article))).collect();
            if read.iter().any(|(_, passage)| *passage != Passage::NoText) {
                return with_texts(cited, &read, findings);
            }
            without_texts(cited, statute, article, around, findings);
        }
        None => without_texts(cited, statute, article, around, findings),
    }
}

/// Against the texts: the newest that applies must have it.
fn with_texts(cited: &Cited<'_>, read: &[(&Edition, Passage)], findings: &mut Findings<'_>) {
    let has = |passage: &Passage| match passage {
        Passage::Words { words, .. } => cited.phrase.is_none_or(|phrase| stands(words, phrase)),
        _ => false,
    };
    let known: Vec<&(&Edition, Passage)> = read.iter().filter(|(_, passage)| *passage != Passage::NoText).collect();
    let holding: Vec<&Edition> =
        known.iter().filter(|(_, passage)| has(passage)).map(|(edition, _)| *edition).collect();
    let (Some((first, _)), Some((newest, latest))) = (read.first(), known.last().copied()) else { return };
    let phrase = cited.phrase.map(|phrase| format!("“{phrase}”")).unwrap_or_default();
    match (holding.first(), holding.last()) {
        (Some(from), Some(to)) if to.adopted == newest.adopted => {
            if from.adopted != first.adopted {
                findings.add(
                    Code::EditionLater,
                    cited.subject.clone(),
                    format!("{}{phrase}见于{}的版本；程序开始施行时的版本里不在这一条", cited.basis, from.adopted),
                    "为较早的版本另立定义，或者确认程序自新版施行后才用",
                );
            }
        }
        (Some(_), Some(to)) => findings.add(
            Code::CitationOutdated,
            cited.subject.clone(),
            format!("{}{phrase}见于{}的版本，{}的版本里不在这一条", cited.basis, to.adopted, newest.adopted),
            "按现行版本改正条文编号；定义的新版本从新法施行之日起用",
        ),
        _ => {
            let (code, why) = match latest {
                Passage::Missing(why) => (Code::UnknownArticle, why.clone()),
                _ => (Code::PhraseNotInArticle, format!("该条没有{phrase}")),
            };
            findings.add(
                code,
                cited.subject.clone(),
                format!("{}：{why}", cited.basis),
                "对照原文改正条文编号或者原词",
            );
        }
    }
}

/// Against the lock.
fn without_texts(
    cited: &Cited<'_>,
    statute: &Statute,
    article: Article,
    around: &Surroundings<'_>,
    findings: &mut Findings<'_>,
) {
    match (around.lock, cited.phrase) {
        (None, None) => {}
        (None, Some(phrase)) => findings.add(
            Code::PhraseNotVerified,
            cited.subject.clone(),
            format!("{}的“{phrase}”没有对照原文核对", cited.basis),
            "导入法规文本后用 zhunsheng law check --statutes 文件夹 --lock 核对",
        ),
        (Some(lock), phrase) => {
            if lock.of(&statute.short, article, phrase).next().is_some() {
                return;
            }
            let mend = "对照原文改正；确认无误的，用 zhunsheng law check --statutes 文件夹 --lock 重新核对并记录";
            match phrase {
                Some(phrase) => findings.add(
                    Code::PhraseNotLocked,
                    cited.subject.clone(),
                    format!("核对记录里没有{}的“{phrase}”：条文或者原词可能写错了", cited.basis),
                    mend,
                ),
                None => findings.add(
                    Code::CitationNotLocked,
                    cited.subject.clone(),
                    format!("核对记录里没有{}：条文可能写错了", cited.basis),
                    mend,
                ),
            }
        }
    }
}

/// Whether a phrase stands in words, whatever spaces and line breaks are between.
pub(super) fn stands(words: &str, phrase: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    bare(words).contains(&bare(phrase))
}

/// Number, unit, direction and roll-over, by phrase and statute.
fn measured(
    clock: &Clock,
    subject: &Subject,
    phrase: &str,
    limit: &Limit,
    edition: Option<&Edition>,
    findings: &mut Findings<'_>,
) {
    if phrase.trim().is_empty() {
        return;
    }
    let read = Phrase::read(phrase);
    let said = format!("期限“{}”（{}）原词“{phrase}”", clock.title, clock.basis);
    let mend = "照原词和法规自己的计算规则写 limit，如 90 day、7 work_day、3 month";
    if let Unit::Fixed(month, day) = limit.unit {
        if read.date != Some((u32::from(month), u32::from(day))) {
            findings.add(Code::AmountConflict, subject.clone(), format!("{said}，写的是{month}月{day}日"), mend);
        }
        return;
    }
    let Some(measured) = read.amounts.iter().find(|measured| measured.amount == limit.amount) else {
        let what = if read.amounts.is_empty() { "里读不出数目" } else { "" };
        findings.add(
            Code::AmountConflict,
            subject.clone(),
            format!("{said}{what}，写的是{}{}", limit.amount, limit.unit.chinese()),
            mend,
        );
        return;
    };
    if let Some((unit, why)) = expected_unit(clock, measured.written, limit.amount, edition)
        && unit != limit.unit
    {
        findings.add(
            Code::UnitConflict,
            subject.clone(),
            format!(
                "{said}{why}，应当是{}{}，写的是{}{}",
                limit.amount,
                unit.chinese(),
                limit.amount,
                limit.unit.chinese()
            ),
            mend,
        );
    }
    if measured.direction != limit.direction {
        let word =
            if measured.direction == Direction::Backward { "往前数（backward = true）" } else { "往后数" };
        findings.add(Code::LimitKindConflict, subject.clone(), format!("{said}，应当{word}"), "改正 backward");
    }
    let passed = phrase.contains("经过") || phrase.contains("届满后") || phrase.trim_end().ends_with("日后");
    if (read.at_least || passed) && limit.kind == LimitKind::Maximum {
        findings.add(
            Code::LimitKindConflict,
            subject.clone(),
            format!("{said}是最短期间，写成了最长期间"),
            "写 kind = \"minimum\"，并在应当等待的步骤上增加条件",
        );
    }
    let roll = edition.and_then(|edition| edition.counting.roll.as_ref());
    if let (Some(roll), None, Unit::Day | Unit::Month | Unit::Year) = (roll, &limit.roll, limit.unit) {
        findings.add(
            Code::RollMissing,
            subject.clone(),
            format!("{said}，末日逢休假日依{roll}顺延，期限没有写"),
            format!("写 roll = \"{}\"", roll.written()),
        );
    }
}

/// The unit that words and statute demand, with the reason; none where the statute leaves it open and the definition
/// says so.
fn expected_unit(clock: &Clock, written: Written, amount: u32, edition: Option<&Edition>) -> Option<(Unit, String)> {
    if let Some(unit) = written.unit() {
        return Some((unit, String::new()));
    }
    let counting = &edition?.counting;
    if let Some(rule) = &counting.work_days {
        if rule.organs_only() && clock.duty == Duty::Party {
            return None;
        }
        let unit = counting.days(amount);
        return Some((unit, format!("，依{}", rule.basis)));
    }
    let open = counting.days_open || !counting.leaves_open.is_empty();
    if open && clock.configurable.is_some() {
        return None;
    }
    Some((Unit::Day, "，该法规没有规定“日”是工作日".to_owned()))
}

/// The lines that a lock must have for a procedure, as far as the texts go.
pub(super) fn lines(procedure: &Procedure, around: &Surroundings<'_>) -> Vec<Locked> {
    let Some(texts) = around.texts else { return Vec::new() };
    let mut lines = Vec::new();
    for one in all(procedure) {
        let (Some((name, article)), phrase) = (cited(one.basis), one.phrase) else { continue };
        let Some(statute) = around.statutes.find(name) else { continue };
        for edition in editions(statute, procedure) {
            let passage = texts.passage(&statute.short, edition.adopted, article);
            let Passage::Words { words, digest } = passage else { continue };
            if phrase.is_none_or(|phrase| stands(&words, phrase)) {
                lines.push(Locked {
                    statute: statute.short.clone(),
                    adopted: edition.adopted,
                    article,
                    digest,
                    phrase: phrase.map(str::to_owned),
                });
            }
        }
    }
    lines
}

/// The line of a named limit.
pub(super) fn line_of_limit(limit: &crate::limits::NamedLimit, around: &Surroundings<'_>) -> Option<Locked> {
    let texts = around.texts?;
    let (name, article) = cited(&limit.basis)?;
    let statute = around.statutes.find(name)?;
    let edition = match limit.edition {
        Some(day) => statute.adopted(day)?,
        None => statute.newest()?,
    };
    match texts.passage(&statute.short, edition.adopted, article) {
        Passage::Words { words, digest } if stands(&words, &limit.phrase) => Some(Locked {
            statute: statute.short.clone(),
            adopted: edition.adopted,
            article,
            digest,
            phrase: Some(limit.phrase.clone()).filter(|phrase| !phrase.is_empty()),
        }),
        _ => None,
    }
}
