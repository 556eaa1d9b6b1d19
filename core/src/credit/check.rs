//! What is wrong with a report before it is sent: every finding names the field's code, its name and what to do.

use std::collections::BTreeMap;

use super::{Field, Kind, Source, Template, Values, When};
use crate::day::Day;
use crate::procedure::PartyKind;
use crate::text::{id_number_problem, uscc_problem};

/// The document whose number has a check digit.
const RESIDENT: &str = "身份证";
/// Longest number of 万元 before the point.
const WHOLE_DIGITS_MAX: usize = 12;
const DECIMALS_MAX: usize = 6;

/// Something that is wrong with a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The field's national code.
    pub code: String,
    /// Its name.
    pub title: String,
    /// What is wrong.
    pub what: String,
    /// What to do now.
    pub remedy: String,
}

/// Everything that is wrong with a report on a day.
pub fn check(template: &Template, values: &Values, today: Day) -> Vec<Finding> {
    let report = Report { template, values, today };
    let mut found = Vec::new();
    for code in values.keys().filter(|code| template.field(code).is_none()) {
        let what = "不是这一类报送的数据项".to_owned();
        found.push(Finding { code: code.clone(), title: code.clone(), what, remedy: "删去这一项".to_owned() });
    }
    for field in &template.fields {
        found.extend(report.problem(field).map(|what| finding(field, what)));
    }
    for (first, then) in &template.ordered {
        found.extend(report.out_of_order(first, then));
    }
    found
}

/// Reports of a batch that say the same decision about the same party twice: positions of the later ones.
pub fn duplicates<'a>(template: &Template, reports: impl Iterator<Item = &'a Values>) -> Vec<(usize, Finding)> {
    let number = template.field_of(&Source::Number);
    let name = template.field_of(&Source::Party("name".to_owned()));
    let (Some(number), Some(name)) = (number, name) else { return Vec::new() };
    let mut seen = BTreeMap::new();
    let twice = |(at, values): (usize, &'a Values)| {
        let key = (values.get(&number.code)?, values.get(&name.code)?);
        let first = *seen.entry(key).or_insert(at);
        let what = || format!("与第{}条重复：同一决定、同一相对人只报送一次", first + 1);
        (first != at).then(|| (at, Finding { remedy: "删去重复的一条".to_owned(), ..finding(number, what()) }))
    };
    reports.enumerate().filter_map(twice).collect()
}

fn finding(field: &Field, what: String) -> Finding {
    Finding { code: field.code.clone(), title: field.title.clone(), what, remedy: field.remedy.clone() }
}

struct Report<'a> {
    template: &'a Template,
    values: &'a Values,
    today: Day,
}

impl Report<'_> {
    fn get(&self, code: &str) -> Option<&str> {
        self.values.get(code).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn party(&self) -> Option<PartyKind> {
        let field = self.template.field_of(&Source::Party("kind".to_owned()))?;
        let said = self.get(&field.code)?;
        [PartyKind::Natural, PartyKind::Legal, PartyKind::SoleTrader].into_iter().find(|kind| kind.chinese() == said)
    }

    fn holds(&self, when: &When) -> bool {
        match when {
            When::Always => true,
            When::Party(kind) => self.party() == Some(*kind),
            When::Has(code, word) => self.words(code).any(|known| known == word),
            When::Filled(code) => self.get(code).is_some(),
        }
    }

    fn words<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a str> {
        self.get(code).unwrap_or("").split(['；', ';']).map(str::trim)
    }

    /// The first thing that is wrong with a field.
    fn problem(&self, field: &Field) -> Option<String> {
        let Some(text) = self.get(&field.code) else {
            let wanted = field.required.iter().find(|when| self.holds(when))?;
            return Some(format!("没有填写{}", self.because(wanted)));
        };
        if let Some(when) = field.forbidden.iter().find(|when| self.holds(when)) {
            return Some(format!("应当为空{}", self.because(when)));
        }
        if let Kind::Amount { .. } = field.kind
            && !field.required.is_empty()
            && !field.required.iter().any(|when| self.holds(when))
            && !text.trim_matches(['0', '.']).is_empty()
        {
            return Some("填了金额，处罚类别里却没有相应的种类".to_owned());
        }
        if text.trim() != text {
            return Some("前后有空格".to_owned());
        }
        if text.chars().any(|c| c.is_control() && !(c == '\n' && matches!(field.kind, Kind::Text(_)))) {
            return Some("含有不能报送的控制字符".to_owned());
        }
        self.unreadable(&field.kind, text)
    }

    fn because(&self, when: &When) -> String {
        let title = |code: &str| self.template.field(code).map_or_else(|| code.to_owned(), |field| field.title.clone());
        match when {
            When::Always => String::new(),
            When::Party(kind) => format!("（相对人是{}）", kind.chinese()),
            When::Has(code, word) => format!("（{}有“{word}”）", title(code)),
            When::Filled(code) => format!("（填了{}）", title(code)),
        }
    }

    fn unreadable(&self, kind: &Kind, text: &str) -> Option<String> {
        match kind {
            Kind::Text(max) => {
                let count = text.chars().count();
                (count > *max).then(|| format!("有{count}个字，最多{max}个"))
            }
            Kind::Date { future } => match day(text) {
                None => Some("不是日期，应写成2024-10-26这样".to_owned()),
                Some(day) if !future && day > self.today => Some("日期还没有到".to_owned()),
                Some(_) => None,
            },
            Kind::Amount { agrees } => amount_problem(text).or_else(|| {
                let (code, word) = agrees.as_ref()?;
                self.disagrees(text, code, word)
            }),
            Kind::List { words, many } => self.unlisted(words, *many, text),
            Kind::Uscc => uscc_problem(text).map(str::to_owned),
            Kind::IdNumber(document) if self.get(document) == Some(RESIDENT) => {
                id_number_problem(text).map(str::to_owned)
            }
            Kind::IdNumber(_) => (text.chars().count() > 64).then(|| "最多64个字".to_owned()),
        }
    }

    fn unlisted(&self, words: &[String], many: bool, text: &str) -> Option<String> {
        let said: Vec<&str> = text.split(['；', ';']).map(str::trim).collect();
        if let Some(strange) = said.iter().find(|word| !words.iter().any(|known| known == *word)) {
            return Some(format!("“{strange}”不在代码表里"));
        }
        (!many && said.len() > 1).then(|| "只能有一个".to_owned())
    }

    /// An amount in 万元 beside the amount in 元 that the text says behind a word.
    fn disagrees(&self, text: &str, code: &str, word: &str) -> Option<String> {
        let said = amount_behind(self.get(code)?, word)?;
        let told = millionths(text)?;
        let title = self.template.field(code).map_or(code, |field| field.title.as_str());
        if told == said {
            return None;
        }
        let slip = if told == said.saturating_mul(10_000) { "，像是把元当成了万元" } else { "" };
        Some(format!("与{title}里的{word}金额不一致{slip}"))
    }

    fn out_of_order(&self, first: &str, then: &str) -> Option<Finding> {
        let early = self.template.field(first)?;
        let late = self.template.field(then)?;
        let (from, to) = (day(self.get(first)?)?, day(self.get(then)?)?);
        (to < from).then(|| finding(late, format!("早于{}", early.title)))
    }
}

/// 2024-10-26, no other way of writing a day.
fn day(text: &str) -> Option<Day> {
    Day::parse(text).filter(|day| day.to_string() == text)
}

fn amount_problem(text: &str) -> Option<String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Some("不是金额，只写数字，以万元为单位".to_owned());
    }
    if whole.len() > WHOLE_DIGITS_MAX {
        return Some("金额过大".to_owned());
    }
    (decimals.len() > DECIMALS_MAX).then(|| format!("最多{DECIMALS_MAX}位小数"))
}

/// 0.2 (万元) → 200000 millionths, which are 分.
fn millionths(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<6}").parse().ok()
}

/// The amount behind a word in 分: 罚款2000元, 罚款人民币2000.50元, 罚款0.2万元.
fn amount_behind(text: &str, word: &str) -> Option<i64> {
    text.split(word).skip(1).find_map(|rest| {
        let rest = rest.trim_start_matches("人民币").trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (number, unit) = rest.split_at(end);
        let number = number.replace(',', "");
        match unit {
            unit if unit.starts_with("万元") => millionths(&number),
            unit if unit.starts_with('元') => crate::text::parse_yuan(&number),
            _ => None,
        }
    })
}
