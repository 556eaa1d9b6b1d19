//! 裁量基准: degrees that leave no gap and do not overlap, no violation listed twice, and ranges that the article cited really
//! provides, as read from its words where they are at hand.

use super::Surroundings;
use super::finding::{Code, Finding, Subject};
use super::lock::Passage;
use super::whole::finding;
use crate::discretion::{Benchmark, Degree, Item};
use crate::statute::fine::{self, Extent, Reading};

/// Everything that is wrong with the benchmarks.
pub(super) fn check(around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for benchmark in around.discretion.benchmarks() {
        for (n, item) in benchmark.items.iter().enumerate() {
            let mut say = |code: Code, text: String, mend: &str| {
                let subject = Subject::Discretion(item.violation.clone());
                let text = format!("“{}”{}：{text}", item.violation, item.amounts());
                findings.push(finding(code, &benchmark.file, subject, text, mend));
            };
            degrees(item, &mut say);
            once(benchmark, n, item, &mut say);
            every_amount(benchmark, item, &mut say);
            provided(item, around, &mut say);
        }
    }
    findings
}

type Say<'s> = &'s mut dyn FnMut(Code, String, &str);

/// From the least to the most of the statute, each degree begins where the lighter one ends.
fn degrees(item: &Item, say: Say<'_>) {
    let mut end = item.statute.least;
    for degree in [Degree::Lighter, Degree::Ordinary, Degree::Heavier] {
        let range = item.range(degree);
        if range.least != end || range.most < range.least {
            let code = if range.least > end { Code::DiscretionGap } else { Code::DiscretionOverlap };
            let text =
                format!("“{}”自{}起，较轻的一档至{}止", degree.chinese(), item.written(range.least), item.written(end));
            say(code, text, "使各档首尾相接");
        }
        end = range.most;
    }
    if end != item.statute.most {
        let code = if end < item.statute.most { Code::DiscretionGap } else { Code::DiscretionOverlap };
        let text = format!("最重的一档至{}止，法定上限是{}", item.written(end), item.written(item.statute.most));
        say(code, text, "使最重的一档止于法定上限");
    }
}

fn once(benchmark: &Benchmark, n: usize, item: &Item, say: Say<'_>) {
    let again = benchmark.items.iter().take(n).find(|other| item.meets(other));
    if let Some(other) = again {
        let text = format!("自{}和自{}的两条同时适用", other.from.chinese(), item.from.chinese());
        say(Code::DiscretionOverlap, text, "删去一条，或者在较早的一条写明 until");
    }
}

/// Where amounts are told apart, every amount has a range.
fn every_amount(benchmark: &Benchmark, item: &Item, say: Say<'_>) {
    let Some(bounds) = item.bounds else { return };
    let has = |amount: i64| {
        let same = |other: &&Item| other.violation == item.violation && other.applies(item.from);
        benchmark.items.iter().filter(same).any(|other| other.holds(Some(amount)))
    };
    let open = [Some(bounds.from - 1).filter(|least| *least >= 0), bounds.below];
    for amount in open.into_iter().flatten().filter(|amount| !has(*amount)) {
        let text = format!("计罚基数为{}元的，没有幅度", crate::text::yuan(amount));
        say(Code::DiscretionGap, text, "补上另一段金额的幅度");
    }
}

/// The article provides a fine of exactly this range.
fn provided(item: &Item, around: &Surroundings<'_>, say: Say<'_>) {
    let (Some(article), Some(texts)) = (item.basis.article, around.texts) else { return };
    let Some(statute) = around.statutes.find(&item.basis.source) else {
        return say(
            Code::UnknownStatute,
            format!("所引“{}”不在 law/statutes.toml 中", item.basis.source),
            "登记该法规",
        );
    };
    let last = |edition: &&crate::statute::Edition| item.until.is_none_or(|until| edition.in_force < until);
    let Some(edition) = statute.editions.iter().rev().find(last) else { return };
    let words = match texts.passage(&statute.short, edition.adopted, article.without_part()) {
        Passage::Words { words, .. } => words,
        Passage::Missing(what) => {
            return say(Code::UnknownArticle, format!("{}不存在（{what}）", item.basis), "改正所引的条文");
        }
        Passage::NoText => return,
    };
    let read = fine::in_words(article.without_part(), &words);
    let fines = || read.iter().filter_map(|one| if let Reading::Fine(fine) = one { Some(&fine.extent) } else { None });
    let own = item.extent(item.statute);
    if !fines().any(|extent| same(&own, extent)) {
        let found: Vec<String> = fines().map(ToString::to_string).collect();
        let found = if found.is_empty() {
            "没有读出罚款".to_owned()
        } else {
            format!("读出的是{}", found.join("、"))
        };
        let text = format!("所列法定幅度为{}，{}{found}", item.words(item.statute), item.basis);
        say(Code::DiscretionRange, text, "对照条文改正幅度或者引用；系统读不出的，以原文为准");
    }
}

/// Of one kind, with the same ends.
fn same(own: &Extent, read: &Extent) -> bool {
    let ends = |extent: &Extent| match extent {
        Extent::Money { least, most, per: None } => Some((false, least.unwrap_or_default(), *most)),
        Extent::Share { least, most, .. } => Some((true, least.unwrap_or_default(), *most)),
        Extent::Money { .. } => None,
    };
    ends(own).is_some_and(|own| ends(read) == Some(own))
}
