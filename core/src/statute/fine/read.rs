//! One line of a statute: each 罚款 in it, with the amount before or behind it and what its clause says.

use crate::basis::Article;

use super::amount::{Amount, Kind, amount_at_end};
use super::{Extent, Fine, Place, Reading, Unread, Who, Why};

const WORD: &str = "罚款";
/// What ends a clause; a condition does not reach beyond.
const CLAUSE_ENDS: [char; 4] = ['。', '；', '：', ';'];
/// 处 is no verb before these …
const NOT_BEFORE: &str = "理置罚分境方";
/// … nor behind these.
const NOT_BEHIND: &str = "到何查惩用各好坏加";
/// Penalties that a fine may stand beside: 处警告或者五百元以下罚款.
const BESIDE: [&str; 5] = ["拘留", "警告", "通报批评", "吊销", "没收"];
/// Behind 罚款: it is spoken of, not provided.
const SPOKEN_OF: [&str; 4] = ["的，", "的行政处罚", "或者警告的行政处罚", "决定"];
/// A base is a name, not a sentence.
const BASE_CHARS_MAX: usize = 40;

/// Every 罚款 of a line.
pub(super) fn line(article: Article, number: usize, words: &str, found: &mut Vec<Reading>) {
    let mut last_end = 0;
    for (at, _) in words.match_indices(WORD) {
        let end = at + WORD.len();
        let (Some(ahead), Some(behind)) = (words.get(..at), words.get(end..)) else { continue };
        let clause = after_last(ahead, &CLAUSE_ENDS);
        let start = after_last(ahead, &['，', ',']).max(clause).max(last_end);
        last_end = end;
        let (Some(segment), Some(prior)) = (words.get(start..at), words.get(clause..start)) else { continue };
        let place = |end| Place { article, line: number, span: start..end };
        if SPOKEN_OF.iter().any(|words| behind.starts_with(words)) {
            continue;
        }
        found.extend(match read(segment, prior, behind) {
            Said::Fine { extent, lead, length } => {
                let (who, condition) = (who(lead, prior), condition(lead, prior));
                let who = who.or_else(|| condition.as_deref().and_then(who_of_condition));
                let may = segment.contains("可以") && lead.contains("可以");
                Some(Reading::Fine(Fine { place: place(end + length), extent, may, who, condition }))
            }
            Said::Unread(why) => Some(Reading::Unread(Unread { place: place(end), why })),
            Said::Nothing => None,
        });
    }
}

/// What a segment says of a fine: `lead` is what stands before the verb, `length` how far it goes on behind 罚款.
enum Said<'t> {
    Fine { extent: Extent, lead: &'t str, length: usize },
    Unread(Why),
    Nothing,
}

fn read<'t>(segment: &'t str, prior: &str, behind: &str) -> Said<'t> {
    if let Some((before, amount)) = amount_at_end(segment) {
        return match understood(before, prior, amount) {
            Some((lead, extent)) => Said::Fine { extent, lead, length: 0 },
            None => Said::Unread(Why::NotUnderstood),
        };
    }
    if let Some((extent, length)) = amount_behind(behind) {
        return Said::Fine { extent, lead: segment, length };
    }
    let amount = ["元", "倍", "分之", "%", "％", "‰"].iter().any(|unit| segment.contains(unit));
    let provided = verb(segment).is_some() || ["予以", "给予"].iter().any(|word| segment.contains(word));
    match (amount, provided) {
        (true, _) => Said::Unread(Why::NotUnderstood),
        (false, true) => Said::Unread(Why::NoAmount),
        (false, false) => Said::Nothing,
    }
}

/// 罚款金额，为人民币十万元以下; 处罚款二十元.
fn amount_behind(behind: &str) -> Option<(Extent, usize)> {
    let stop = |c| CLAUSE_ENDS.contains(&c) || c == '，';
    let mut rest = behind;
    for word in ["金额", "数额", "额度", "额", "标准", "，", "为"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let phrase = rest.split(stop).next()?;
    let (before, amount) = amount_at_end(phrase)?;
    let length = behind.len() - rest.len() + phrase.len();
    Some((extent(before, "", amount)?, length))
}

/// The lead and the extent, if the words between verb and amount leave one reading.
fn understood<'t>(before: &'t str, prior: &str, amount: Amount) -> Option<(&'t str, Extent)> {
    let (lead, between) = match verb(before) {
        Some(found) => found,
        None if before.is_empty() || ["可以", "或者", "并"].iter().any(|word| before.ends_with(word)) => {
            (before, "")
        }
        None => return None,
    };
    Some((lead, extent(between, prior, amount)?))
}

fn extent(between: &str, prior: &str, amount: Amount) -> Option<Extent> {
    let Amount { kind, least, most } = amount;
    let mut words = between.strip_prefix('以').unwrap_or(between);
    if BESIDE.iter().any(|penalty| words.contains(penalty)) {
        words = ["或者", "和", "、"].iter().find_map(|joint| Some(words.rsplit_once(joint)?.1))?;
    }
    let (words, per) = match words.split_once('每') {
        Some((words, per)) => (words, Some(per)),
        None => (words, per_before(prior)),
    };
    match kind {
        Kind::Money => {
            let whole = words.is_empty() || per.is_some();
            whole.then(|| Extent::Money { least, most, per: per.map(str::to_owned) })
        }
        Kind::Share => {
            let base = words.trim_start_matches("相当于").trim_end_matches('的');
            let counted = ["元", "倍", "以上", "以下", "分之"].iter().any(|unit| base.contains(unit));
            let named = !base.is_empty() && !counted && per.is_none() && base.chars().count() <= BASE_CHARS_MAX;
            named.then(|| Extent::Share { base: base.to_owned(), least, most })
        }
    }
}

/// 按照每平方米……，: the unit said in the segment before.
fn per_before(prior: &str) -> Option<&str> {
    let last = prior.trim_end_matches('，').rsplit('，').next()?;
    let rest = last.strip_prefix("按照").or_else(|| last.strip_prefix('按'))?;
    rest.split_once('每').map(|(_, per)| per)
}

/// What stands before the verb 处 and what behind it.
fn verb(segment: &str) -> Option<(&str, &str)> {
    segment.match_indices('处').find_map(|(at, word)| {
        let (ahead, behind) = (segment.get(..at)?, segment.get(at + word.len()..)?);
        let is_verb = !behind.starts_with(|c| NOT_BEFORE.contains(c)) && !ahead.ends_with(|c| NOT_BEHIND.contains(c));
        is_verb.then_some((ahead, behind))
    })
}

/// Who is meant by the nearest 对……: of the segment itself, else of those before it in the clause.
fn who(lead: &str, prior: &str) -> Option<Who> {
    let segments = std::iter::once(lead).chain(prior.rsplit('，'));
    let object = segments.filter_map(|segment| Some(segment.rsplit_once('对')?.1)).next()?;
    who_in(object)
}

fn who_in(words: &str) -> Option<Who> {
    let words = words.replace("组织者", "");
    let any = |names: &[&str]| names.iter().any(|name| words.contains(name));
    if any(&["责任人", "主管人员", "负责人", "直接责任"]) {
        Some(Who::Responsible)
    } else if words.contains("单位") && any(&["个人", "自然人"]) {
        None
    } else if any(&["个人", "农户", "公民", "自然人"]) {
        Some(Who::Individual)
    } else if any(&["单位", "企业", "法人", "组织", "机构"]) {
        Some(Who::Unit)
    } else {
        None
    }
}

/// 为个人的, 等单位的; a condition whose subject is 单位, 企业 or 个人.
fn who_of_condition(condition: &str) -> Option<Who> {
    let ends = ["为个人的", "为单位的", "是单位的", "属于单位的", "等单位的", "为企业的"];
    let subject = ["单位", "企业", "个人"].iter().any(|subject| condition.starts_with(subject));
    if subject || ends.iter().any(|end| condition.ends_with(end)) { who_in(condition) } else { None }
}

/// The nearest words of the clause that end with 的, without the number of an item in front.
fn condition(lead: &str, prior: &str) -> Option<String> {
    let ends = |segment: &&str| segment.ends_with('的') && segment.chars().count() > 1 && !segment.starts_with('对');
    let own = Some(lead).filter(ends);
    let found = own.or_else(|| prior.rsplit('，').find(ends))?;
    let bare = found.strip_prefix('（').and_then(|rest| rest.split_once('）')).map_or(found, |(_, rest)| rest);
    Some(bare.to_owned())
}

/// The byte behind the last of some marks.
fn after_last(text: &str, marks: &[char]) -> usize {
    text.char_indices().rev().find(|(_, c)| marks.contains(c)).map_or(0, |(at, c)| at + c.len_utf8())
}
