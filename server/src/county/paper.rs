//! How a document under review and the opinions on it read; from the pools, by chance.
//!
//! Does not belong here: who writes it when (`reviews.rs`).

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::pools::{Document, Pools, Problem, fill};
use super::scenario::Shares;
use super::stage::Stage;

/// What the review comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conclusion {
    /// Lawful.
    Lawful,
    /// Lawful once changed.
    AfterChange,
    /// Not lawful.
    Unlawful,
    /// A reform without a rule yet: goes up with its risk stated.
    Exploratory,
    /// Nothing for a legality review.
    OutOfScope,
}

/// A document.
pub struct Paper {
    /// The drafting department.
    pub organ: String,
    kind: String,
    title: String,
    day: Day,
    market: bool,
    value: Option<i64>,
    company: Option<String>,
    values: BTreeMap<&'static str, String>,
}

/// The code of a kind of review in the procedure.
fn review_type(kind: &str) -> &str {
    if kind == "meeting_topic" { "meeting_item" } else { kind }
}

impl Paper {
    /// A document of a kind on a day, of a department if one is asked for. Where the scenario lacks the department,
    /// another one takes the document.
    pub fn new(
        stage: &Stage,
        (kind, of): (&str, Option<&str>),
        day: Day,
        exploratory: bool,
        chance: &mut Chance,
    ) -> Result<Self, Fault> {
        let fits =
            |d: &&Document| d.kind == kind && d.exploratory == exploratory && of.is_none_or(|organ| d.organ == organ);
        let fitting: Vec<&Document> = stage.pools.documents.iter().filter(fits).collect();
        let document =
            chance.pick(&fitting).copied().ok_or_else(|| Fault::Missing { what: format!("送审文本 {kind}") })?;
        let drafts = |code: &str| !stage.staff.all(code, "drafter").is_empty();
        let departments: Vec<&str> =
            stage.scenario.county.organs.iter().map(|organ| organ.code.as_str()).filter(|code| drafts(code)).collect();
        let organ = if drafts(&document.organ) {
            document.organ.as_str()
        } else {
            chance.pick(&departments).copied().unwrap_or_default()
        };
        let about = &stage.scenario.scenario;
        let town = chance
            .pick(&stage.scenario.county.towns)
            .map(|town| town.name.trim_end_matches("人民政府").to_owned())
            .unwrap_or_default();
        let company = document
            .maker
            .as_ref()
            .and_then(|maker| {
                stage.pools.parties.enterprise(&stage.pools.names, chance, maker, &about.county_name, &town)
            })
            .map(|firm| firm.name);
        let value = document.amount.map(|(min, max, step)| min + chance.between(0, (max - min) / step.max(1)) * step);
        let ordinals = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let drafter =
            stage.scenario.county.organs.iter().find(|known| known.code == organ).map(|known| known.name.clone());
        let values = BTreeMap::from([
            ("county", about.county_name.clone()),
            ("town", town),
            ("year", format!("{}年", day.year())),
            ("next_year", format!("{}年", day.year() + 1)),
            ("ordinal", chance.pick(&ordinals).map(|text| (*text).to_owned()).unwrap_or_default()),
            ("company", company.clone().unwrap_or_default()),
            ("amount", value.map_or_else(String::new, |value| value.to_string())),
            ("drafter", drafter.unwrap_or_default()),
            ("article", stage.pools.opinions.draw("articles", chance)),
        ]);
        let title = fill(&document.title, chance, &values);
        Ok(Self {
            organ: organ.to_owned(),
            kind: kind.to_owned(),
            title,
            day,
            market: document.market,
            value,
            company,
            values,
        })
    }

    /// What is typed when it is sent.
    pub fn submission(&self, meeting: Day, urgent: Option<String>, chance: &mut Chance) -> Input {
        let drafter = self.values.get("drafter").cloned().unwrap_or_default();
        let mut input = Input::default()
            .with("secrecy", "none")
            .with("review_type", review_type(&self.kind))
            .with("document_title", self.title.as_str())
            .with("summary", format!("为做好有关工作，{drafter}组织起草了《{}》，经本单位集体讨论同意，现送请合法性审查。", self.title))
            .with("basis_list", "一、《中华人民共和国地方各级人民代表大会和地方各级人民政府组织法》有关规定；二、有关法律、法规、规章和上级文件。")
            .with("meeting_on", meeting.to_string())
            .with("urgent", if urgent.is_some() { "yes" } else { "no" });
        if let Some(reason) = urgent {
            input = input
                .with("urgent_reason", reason)
                .with("urgent_basis", "县政府合法性审查工作规定（演示）关于急件的规定");
        }
        if ["major_decision", "normative_document"].contains(&self.kind.as_str()) {
            let days = chance.between(30, 35);
            input = input
                .with(
                    "process_statement",
                    "已开展调研，征求了有关部门、镇政府和管理相对人的意见，并向社会公开征求意见。",
                )
                .with("public_comment", "done")
                .with("comment_days", days.to_string())
                .with("fair_competition", if self.market { "reviewed" } else { "not_involved" });
        }
        if self.kind == "major_decision" {
            input = input.with("expert_argument", "done").with("risk_assessment", "done");
        }
        if self.kind == "contract" {
            input =
                input.with("counterparty", self.company.clone().unwrap_or_else(|| "演示服务单位（虚构）".to_owned()));
            if let Some(value) = self.value {
                input = input.with("contract_value", (value * 10_000).to_string());
            }
        }
        input
    }

    /// A sentence of the opinions' pool.
    pub fn sentence(&self, pools: &Pools, key: &str, chance: &mut Chance) -> String {
        let text = pools.opinions.draw(key, chance);
        fill(&text, chance, &self.values)
    }

    /// What the adviser is asked.
    pub fn question(&self) -> String {
        format!("《{}》的主要内容是否符合法律、法规、规章的规定，有无法律风险。", self.title)
    }

    /// What is found in the three respects.
    pub fn findings(&self, pools: &Pools, conclusion: Conclusion, aspects: &Shares, chance: &mut Chance) -> Input {
        let overall = match conclusion {
            Conclusion::Lawful | Conclusion::OutOfScope => "lawful",
            Conclusion::AfterChange => "lawful_after_change",
            Conclusion::Unlawful => "unlawful",
            Conclusion::Exploratory => "exploratory",
        };
        let problem = if ["lawful_after_change", "unlawful"].contains(&overall) {
            self.problem(pools, aspects, chance)
        } else {
            None
        };
        let aspect = problem.map_or("", |problem| problem.aspect.as_str());
        let found = |name: &str| if aspect == name { "problem" } else { "lawful" };
        let input = Input::default()
            .with("authority_finding", found("authority"))
            .with("procedure_finding", found("procedure"))
            .with("content_finding", found("content"))
            .with("overall", overall);
        match problem {
            Some(problem) => {
                let text = fill(&problem.text, chance, &self.values);
                let must = if problem.must { "应当修改" } else { "建议修改" };
                let basis =
                    if problem.basis.is_empty() { String::new() } else { format!("依据：{}。", problem.basis) };
                let suggestion = fill(&problem.suggestion, chance, &self.values);
                input.with("issues_text", format!("一、{text}{basis}{must}：{suggestion}"))
            }
            None if overall == "exploratory" => input.with(
                "risk_text",
                "国家尚无明确规定，存在实施中与后续上位规定不一致的风险，建议明确试点范围、期限和退出办法。",
            ),
            None => input,
        }
    }

    fn problem<'a>(&self, pools: &'a Pools, aspects: &Shares, chance: &mut Chance) -> Option<&'a Problem> {
        let aspect = chance.share(aspects).to_owned();
        let in_time =
            |p: &&Problem| p.from.is_none_or(|from| self.day >= from) && p.until.is_none_or(|until| self.day <= until);
        let of_kind = |p: &&Problem| p.kinds.iter().any(|kind| kind == &self.kind || kind == review_type(&self.kind));
        let all: Vec<&Problem> = pools.problems.iter().filter(of_kind).filter(in_time).collect();
        let fitting: Vec<&Problem> = all.iter().copied().filter(|p| p.aspect == aspect).collect();
        chance.pick(&fitting).or_else(|| chance.pick(&all)).copied()
    }

    /// Where it is decided or signed.
    pub fn occasion(&self, day: Day, chance: &mut Chance) -> String {
        match self.kind.as_str() {
            "contract" => "县政府授权代表签订".to_owned(),
            "meeting_minutes" => "会议主持人签发".to_owned(),
            _ => format!("县政府{}年第{}次常务会议", day.year(), chance.between(1, 24)),
        }
    }
}
