//! 四张清单: one violation not twice on a list, not on two lists that contradict each other, named as the benchmark names it, and
//! no field with a benchmark but without lists.

use super::Surroundings;
use super::finding::{Code, Finding, Subject};
use super::lock::Passage;
use super::whole::finding;
use crate::leniency::{GROUNDS, Item, List};

/// Everything that is wrong with the lists.
pub(super) fn check(around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for lists in around.leniency.lists() {
        for (n, item) in lists.items.iter().enumerate() {
            let mut say = |code: Code, text: String, mend: &str| {
                let subject = Subject::Leniency(item.violation.clone());
                let text = format!("“{}”（{}）：{text}", item.violation, item.list.chinese());
                findings.push(finding(code, &lists.file, subject, text, mend));
            };
            for other in lists.items.iter().take(n) {
                against(item, other, &mut say);
            }
            named(item, around, &mut say);
        }
    }
    findings.extend(without_lists(around));
    findings.extend(grounds(around));
    findings
}

/// Grounds rest on articles that there are.
fn grounds(around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for ground in around.leniency.grounds() {
        let subject = || Subject::Leniency(ground.title.clone());
        let Some(statute) = around.statutes.find(&ground.basis.source) else {
            let text = format!("所引“{}”不在 law/statutes.toml 中", ground.basis.source);
            findings.push(finding(Code::UnknownStatute, GROUNDS, subject(), text, "登记该法规"));
            continue;
        };
        let (Some(article), Some(texts), Some(edition)) = (ground.basis.article, around.texts, statute.editions.last())
        else {
            continue;
        };
        if let Passage::Missing(what) = texts.passage(&statute.short, edition.adopted, article) {
            let text = format!("{}不存在（{what}）", ground.basis);
            findings.push(finding(Code::UnknownArticle, GROUNDS, subject(), text, "改正所引的条文"));
        }
    }
    findings
}

/// Two items about one violation on one ground at one time.
fn against(item: &Item, other: &Item, say: &mut dyn FnMut(Code, String, &str)) {
    if item.violation != other.violation || item.ground != other.ground || !item.meets(other) {
        return;
    }
    if item.list == other.list {
        let text = format!("自{}和自{}的两条同时适用", other.from.chinese(), item.from.chinese());
        say(Code::LeniencyOverlap, text, "删去一条，或者在较早的一条写明 until");
        return;
    }
    // What the statute leaves open between lighter and below is for the list to settle: by its conditions.
    let fined = |list| [List::Lighter, List::Mitigated].contains(&list);
    if fined(item.list) && fined(other.list) && item.conditions == other.conditions {
        let text = format!("与{}的条件相同，同一情形既从轻又减轻", other.list.chinese());
        say(Code::LeniencyConflict, text, "用条件把从轻和减轻分开，或者删去一条");
    }
}

/// A violation that the benchmark of the field does not know is never found in a case that keeps to its names.
fn named(item: &Item, around: &Surroundings<'_>, say: &mut dyn FnMut(Code, String, &str)) {
    let mut known = around.discretion.benchmarks().flat_map(|benchmark| &benchmark.items).peekable();
    if known.peek().is_some() && !known.any(|other| other.field == item.field && other.violation == item.violation) {
        say(
            Code::LeniencyGap,
            "裁量基准里没有这个违法行为".to_owned(),
            "与裁量基准的名称写成一样，或者在裁量基准里补上",
        );
    }
}

/// Fields with a benchmark and without one of the four lists.
fn without_lists(around: &Surroundings<'_>) -> Vec<Finding> {
    if around.leniency.lists().next().is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for benchmark in around.discretion.benchmarks() {
        let Some(field) = benchmark.items.first().map(|item| item.field.as_str()) else { continue };
        let has = |list| {
            let of_field = around.leniency.lists().filter(|lists| lists.field == field);
            of_field.flat_map(|lists| &lists.items).any(|item| item.list == list)
        };
        for list in List::ALL.into_iter().filter(|list| !has(*list)) {
            let subject = Subject::Leniency(benchmark.title.clone());
            let text = format!("这个领域有裁量基准，没有{}", list.chinese());
            let mend = "在 law/leniency/ 中列出；确实没有的，在清单文件里说明";
            findings.push(finding(Code::LeniencyGap, &benchmark.file, subject, text, mend));
        }
    }
    findings
}
