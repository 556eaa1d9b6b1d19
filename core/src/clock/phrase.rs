//! Reading a limit out of the words of an article: 六十日, 七个工作日, 三个月, 二十四小时, 举行听证的七日前, 每年1月31日前.
//!
//! Only what is written stands here; whether 日 is a working day is the statute's matter ([`super::question`]).

use super::{Direction, Unit};
use crate::numeral::{is_numeral, read_number};

/// What an amount is written in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Written {
    /// 日 or 天: what that is, the statute says.
    Days,
    /// 工作日.
    WorkDays,
    /// 自然日 or 日历日.
    CalendarDays,
    /// 个月; 半年 is six of them.
    Months,
    /// 年.
    Years,
    /// 小时.
    Hours,
}

impl Written {
    /// The unit, where the words alone settle it.
    pub fn unit(self) -> Option<Unit> {
        match self {
            Self::Days => None,
            Self::WorkDays => Some(Unit::WorkDay),
            Self::CalendarDays => Some(Unit::Day),
            Self::Months => Some(Unit::Month),
            Self::Years => Some(Unit::Year),
            Self::Hours => Some(Unit::Hour),
        }
    }
}

/// The words for units, longer before shorter.
const UNITS: [(&str, Written); 14] = [
    ("个工作日", Written::WorkDays),
    ("工作日", Written::WorkDays),
    ("个自然日", Written::CalendarDays),
    ("自然日", Written::CalendarDays),
    ("个日历日", Written::CalendarDays),
    ("日历日", Written::CalendarDays),
    ("个小时", Written::Hours),
    ("小时", Written::Hours),
    ("个月", Written::Months),
    ("周年", Written::Years),
    ("年半", Written::Years),
    ("年", Written::Years),
    ("日", Written::Days),
    ("天", Written::Days),
];

/// An amount of a phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Measured {
    /// How many.
    pub amount: u32,
    /// In what.
    pub written: Written,
    /// Counted back from an event (七日前), or on from it.
    pub direction: Direction,
}

/// What the words of an article say about a limit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrase {
    /// The different amounts, in order. A range gives both its ends.
    pub amounts: Vec<Measured>,
    /// A date of each year: month and day as written, which need not exist.
    pub date: Option<(u32, u32)>,
    /// 不少于, 不得少于, 至少, 十日后: a minimum.
    pub at_least: bool,
}

/// 第三日, 每年, 上一年, 同一日 are no amounts; nor is 最后一日.
const ORDINALS: [char; 6] = ['第', '上', '下', '每', '同', '本'];
const RANGES: [&str; 9] = ["至", "到", "或者", "或", "、", "-", "—", "～", "~"];
const AT_LEAST: [&str; 7] = ["不少于", "不得少于", "至少", "不低于", "不得低于", "不短于", "不得短于"];

impl Phrase {
    /// Reads the words; never fails, for words without an amount say just that.
    pub fn read(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut found = Self { at_least: AT_LEAST.iter().any(|words| text.contains(words)), ..Self::default() };
        let mut rest = text.as_str();
        let mut before = "";
        while let Some(c) = rest.chars().next() {
            let number = leading_number(rest);
            if number.is_empty() {
                (before, rest) = passed(&text, rest, c.len_utf8());
                if c == '半' && rest.starts_with('年') {
                    found.keep(6, Written::Months, before.strip_suffix('半').unwrap_or(before), after(rest, "年"));
                }
                continue;
            }
            let consumed = found.number(before, number, after(rest, number));
            (before, rest) = passed(&text, rest, consumed);
        }
        found
    }

    /// What a number begins: a date, a range, an amount, or nothing. How many bytes of the text that took.
    fn number(&mut self, before: &str, number: &str, behind: &str) -> usize {
        if let Some(length) = self.calendar_date(number, behind) {
            return length;
        }
        if before.ends_with(ORDINALS) || before.ends_with("最后") {
            return number.len();
        }
        let range = RANGES.iter().find_map(|words| behind.strip_prefix(words));
        let high = range.map(|range| (leading_number(range), range)).filter(|(high, _)| !high.is_empty());
        if let Some((unit, written)) = unit(behind) {
            self.amount(number, unit, written, before, after(behind, unit));
            return number.len() + unit.len();
        }
        if let Some((high, range)) = high
            && let Some((unit, written)) = unit(after(range, high))
        {
            // 三至五日: the unit stands behind the second number only.
            let end = after(after(range, high), unit);
            self.amount(number, unit, written, before, end);
            self.amount(high, unit, written, before, end);
            return number.len() + behind.len() - end.len();
        }
        number.len()
    }

    /// 1月31日, 一月三十一日: a day of the calendar and no amount.
    fn calendar_date(&mut self, number: &str, behind: &str) -> Option<usize> {
        let rest = behind.strip_prefix('月')?;
        let day = leading_number(rest);
        let end = after(rest, day).strip_prefix('日')?;
        self.date = self.date.or(Some((read_number(number)?, read_number(day)?)));
        Some(number.len() + behind.len() - end.len())
    }

    fn amount(&mut self, number: &str, unit: &str, written: Written, before: &str, behind: &str) {
        let Some(amount) = read_number(number).filter(|amount| *amount > 0) else { return };
        // 2024年 and 二年度 are no lengths of time.
        if written == Written::Years && (amount >= 1_000 || behind.starts_with('度')) {
            return;
        }
        if unit == "年半" {
            self.keep(amount.saturating_mul(12).saturating_add(6), Written::Months, before, behind);
        } else {
            self.keep(amount, written, before, behind);
        }
    }

    fn keep(&mut self, amount: u32, written: Written, before: &str, behind: &str) {
        let says = |words: &[&str]| words.iter().any(|words| behind.starts_with(words));
        // 届满前六个月 counts back, 届满前三十日内 names a stretch of time.
        let told_before = before.ends_with("提前") || (before.ends_with('前') && !says(&["内", "以内", "之内"]));
        let backward = says(&["以前", "之前", "前"]) || told_before;
        self.at_least |= says(&["后", "以后", "之后"]);
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        if !self.amounts.iter().any(|known| known.amount == amount && known.written == written) {
            self.amounts.push(Measured { amount, written, direction });
        }
    }
}

/// The digits that a text begins with.
fn leading_number(text: &str) -> &str {
    let rest = text.trim_start_matches(is_numeral);
    text.strip_suffix(rest).unwrap_or_default()
}

fn unit(text: &str) -> Option<(&'static str, Written)> {
    UNITS.into_iter().find(|(word, _)| text.starts_with(word))
}

/// What stands behind a beginning.
fn after<'a>(text: &'a str, beginning: &str) -> &'a str {
    text.strip_prefix(beginning).unwrap_or_default()
}

/// The text so far and the rest, when so many bytes more have been read.
fn passed<'a>(text: &'a str, rest: &'a str, bytes: usize) -> (&'a str, &'a str) {
    text.split_at_checked(text.len() - rest.len() + bytes).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_written() {
        use Written::{CalendarDays, Days, Hours, Months, WorkDays, Years};
        for (text, expected) in [
            ("立案之日起九十日内", vec![(90, Days)]),
            ("自收到申请之日起60日内", vec![(60, Days)]),
            ("３０日", vec![(30, Days)]),
            ("两个月", vec![(2, Months)]),
            ("七个工作日", vec![(7, WorkDays)]),
            ("15工作日", vec![(15, WorkDays)]),
            ("三十个自然日", vec![(30, CalendarDays)]),
            ("二十四小时", vec![(24, Hours)]),
            ("二年内未被发现", vec![(2, Years)]),
            ("半年内", vec![(6, Months)]),
            ("一年半", vec![(18, Months)]),
            ("一百八十日", vec![(180, Days)]),
            ("自发布之日起三至五日内", vec![(3, Days), (5, Days)]),
            ("五日或者七日", vec![(5, Days), (7, Days)]),
            ("一般不少于5个工作日，最长不超过15个工作日", vec![(5, WorkDays), (15, WorkDays)]),
            ("第三日", vec![]),
            ("第二十日", vec![]),
            ("最后一日", vec![]),
            ("每年1月31日前", vec![]),
            ("2024年度", vec![]),
            ("上一年", vec![]),
            ("百分之三", vec![]),
            ("三月内", vec![]),
            ("一个半月", vec![]),
            ("之日起", vec![]),
            ("", vec![]),
        ] {
            let read: Vec<(u32, Written)> =
                Phrase::read(text).amounts.iter().map(|found| (found.amount, found.written)).collect();
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn backward_minimum_and_fixed_dates() {
        for (text, backward) in [
            ("举行听证的七日前", true),
            ("有效期届满三十日以前", true),
            ("提前五个工作日", true),
            ("届满前三十日", true),
            ("三个月之前", true),
            ("届满前三十日内", false),
            ("七日内", false),
            ("前款规定的七日内", false),
        ] {
            let direction = Phrase::read(text).amounts.first().unwrap().direction;
            assert_eq!(direction == Direction::Backward, backward, "{text}");
        }
        assert!(Phrase::read("一般不少于30日").at_least);
        assert!(Phrase::read("催告书送达十日后").at_least);
        assert!(!Phrase::read("不得超过三十日").at_least);
        assert_eq!(Phrase::read("每年１月31日前").date, Some((1, 31)));
        assert_eq!(Phrase::read("次年三月一日之前").date, Some((3, 1)));
        assert_eq!(Phrase::read("三个月十日").date, None);
    }
}
