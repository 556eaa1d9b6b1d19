//! The platform's answer to a batch, read back: accepted or returned, line by line, each as an act. Read twice, it does nothing twice.

use serde::Deserialize;
use zhunsheng_core::credit::Source;
use zhunsheng_core::matter::{Actor, Input};

use super::super::App;
use super::super::act::ActError;
use super::table::{Table, text_of};
use super::{batch, on};

/// Names of the column with the number of the decision: ours, and the national codes.
const NUMBER: [&str; 4] = ["决定文书号", "文书号", "CF_WSH", "XK_WSH"];
/// Names of the column with the party.
const SUBJECT: [&str; 4] = ["行政相对人名称", "相对人名称", "CF_XDR_MC", "XK_XDR_MC"];
const RESULT: [&str; 3] = ["结果", "入库结果", "RESULT"];
const REASON: [&str; 4] = ["原因", "退回原因", "失败原因", "REASON"];
const RECEIPT: [&str; 3] = ["回执号", "平台编号", "RECEIPT"];
/// What the platform says of a line that it took.
const TAKEN: [&str; 5] = ["成功", "入库成功", "入库", "true", "1"];
const RETURNED: [&str; 6] = ["失败", "退回", "入库失败", "校验不通过", "false", "0"];

/// Characters of a number at most, one more than the longest that a report has: what is longer fits nothing.
const NUMBER_MAX: usize = 65;
/// Digits in a row that may be the number of a person, a telephone or an account.
const DIGITS_MIN: usize = 7;

/// A text of others without numbers of persons: what is kept about an exchange is no place for them.
pub(super) fn masked(text: &str) -> String {
    let (mut out, mut digits) = (String::new(), String::new());
    for c in text.chars().chain(std::iter::once('\n')) {
        let goes_on = c.is_numeric() || (!digits.is_empty() && matches!(c, 'x' | 'X'));
        if goes_on {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.chars().count() < DIGITS_MIN { &digits } else { "……" });
        digits.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// A line of a receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    line: u64,
    number: String,
    subject: String,
    taken: bool,
    reason: String,
    receipt: String,
}

/// What reading a receipt did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Read {
    /// Accepted now.
    pub accepted: usize,
    /// Returned now.
    pub rejected: usize,
    /// Lines that had been read before.
    pub known: usize,
    /// Lines that fit nothing: line and why.
    pub strange: Vec<(u64, String)>,
    /// Reports of the batch that the receipt does not name and that still wait.
    pub unanswered: Vec<String>,
}

/// Reads a receipt. The error is a sentence that names the line and what to do.
pub fn read(bytes: &[u8]) -> Result<Vec<Answer>, String> {
    let table = Table::read(bytes)?;
    let (number, result) = (table.column(&NUMBER), table.column(&RESULT));
    let (subject, reason, receipt) = (table.column(&SUBJECT), table.column(&REASON), table.column(&RECEIPT));
    if number.is_none() || result.is_none() {
        return Err("回执文件的表头里应当有“决定文书号”和“结果”两列".to_owned());
    }
    let mut answers = Vec::new();
    for (line, row) in &table.rows {
        let said = text_of(row, result);
        let taken = TAKEN.contains(&said);
        if !taken && !RETURNED.contains(&said) {
            return Err(format!("第{line}行的结果“{said}”认不出来，应为“成功”或者“退回”"));
        }
        let reason = text_of(row, reason);
        if !taken && reason.is_empty() {
            return Err(format!("第{line}行是退回的，没有写退回原因"));
        }
        answers.push(Answer {
            line: *line,
            number: text_of(row, number).chars().take(NUMBER_MAX).collect(),
            subject: text_of(row, subject).to_owned(),
            taken,
            reason: reason.chars().take(200).collect(),
            receipt: text_of(row, receipt).chars().take(60).collect(),
        });
    }
    if answers.is_empty() { Err("回执文件里没有一行".to_owned()) } else { Ok(answers) }
}

/// A line of an answer by HTTP, as the platform writes it.
#[derive(Deserialize)]
struct Row {
    number: String,
    #[serde(default)]
    subject: String,
    result: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    receipt: String,
}

/// Reads an answer by HTTP. The error is a sentence without a full stop.
pub fn read_json(bytes: &[u8]) -> Result<Vec<Answer>, String> {
    #[derive(Deserialize)]
    struct Body {
        results: Vec<Row>,
    }
    let body: Body = serde_json::from_slice(bytes).map_err(|_| "平台的答复不是约定的格式".to_owned())?;
    let line = |(n, row): (u64, Row)| {
        let taken = TAKEN.contains(&row.result.as_str());
        if !taken && !RETURNED.contains(&row.result.as_str()) {
            let said: String = row.result.chars().take(20).collect();
            return Err(format!("答复第{n}条的结果“{said}”认不出来"));
        }
        let reason = if row.reason.trim().is_empty() { "平台没有说明原因" } else { row.reason.trim() };
        Ok(Answer {
            line: n,
            number: row.number.chars().take(NUMBER_MAX).collect(),
            subject: row.subject,
            taken,
            reason: reason.chars().take(200).collect(),
            receipt: row.receipt.trim().chars().take(60).collect(),
        })
    };
    (1..).zip(body.results).map(line).collect()
}

impl App {
    /// Enters the answers to a batch, in one transaction.
    pub async fn enter_receipt(
        &self,
        actor: Actor,
        name: String,
        answers: Vec<Answer>,
        whose: Option<Vec<String>>,
    ) -> Result<Read, ActError> {
        self.enter_receipt_of(actor, (name, None), answers, whose).await?.ok_or(ActError::NotFound)
    }

    /// As [`App::enter_receipt`], of one file of a batch, or of all; nothing if it has no line.
    pub(super) async fn enter_receipt_of(
        &self,
        actor: Actor,
        (name, part): (String, Option<String>),
        answers: Vec<Answer>,
        whose: Option<Vec<String>>,
    ) -> Result<Option<Read>, ActError> {
        self.at_the_desk(move |desk, tx| {
            let mut lines = batch::lines(tx, &desk.county, &name, whose.as_deref())?;
            lines.retain(|line| part.as_deref().is_none_or(|part| line.part() == part));
            if lines.is_empty() {
                return Ok(None);
            }
            let subject_of = |line: &batch::Line| {
                let template = desk.ruling.law.credit.template(&line.category)?;
                let field = template.field_of(&Source::Party("name".to_owned()))?;
                line.values.get(&field.code).cloned()
            };
            let subjects: Vec<String> = lines.iter().map(|line| subject_of(line).unwrap_or_default()).collect();
            let mut answered = vec![false; lines.len()];
            let mut read = Read::default();
            for answer in &answers {
                let fits = |(at, line): &(usize, &batch::Line)| {
                    let subject = subjects.get(*at).map_or("", String::as_str);
                    line.number == answer.number && (answer.subject.is_empty() || answer.subject == subject)
                };
                let found: Vec<(usize, &batch::Line)> = lines.iter().enumerate().filter(fits).collect();
                let [(at, line)] = found.as_slice() else {
                    let why = if found.is_empty() {
                        "这一批没有这个文书号"
                    } else {
                        "这一批有几条同一文书号，须写明相对人名称"
                    };
                    read.strange.push((answer.line, format!("{}：{why}", masked(&answer.number))));
                    continue;
                };
                let before = answered.get_mut(*at).is_some_and(|done| std::mem::replace(done, true));
                if before || !line.waits() {
                    read.known += 1;
                    continue;
                }
                desk.perform(tx, actor.clone(), &command(line, answer))?;
                let count = if answer.taken { &mut read.accepted } else { &mut read.rejected };
                *count += 1;
            }
            let silent = lines.iter().zip(answered).filter(|(line, answered)| !answered && line.waits());
            read.unanswered = silent.map(|(line, _)| line.number.clone()).collect();
            Ok(Some(read))
        })
        .await
    }
}

fn command(line: &batch::Line, answer: &Answer) -> zhunsheng_core::matter::Command {
    let mut input = Input::default();
    if !answer.receipt.is_empty() {
        input = input.with("receipt", answer.receipt.as_str());
    }
    let (taken, returned) =
        if line.withdrawal { ("withdrawal_accepted", "withdrawal_rejected") } else { ("accept", "reject") };
    if answer.taken {
        return on(line.id, taken, input);
    }
    on(line.id, returned, input.with("reject_reason", answer.reason.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_what_cannot_be_read() {
        let read = |text: &str| read(text.as_bytes());
        let answers =
            read("决定文书号,结果,原因\n昌农罚决字〔2024〕1号,成功,\n昌农罚决字〔2024〕2号,退回,代码不存在\n").unwrap();
        assert!(answers.len() == 2 && answers[0].taken && answers[1].reason == "代码不存在");
        for (text, why) in [
            ("文号,结果\n1,成功\n", "表头"),
            ("决定文书号,结果\n1,好\n", "第2行的结果“好”"),
            ("决定文书号,结果,原因\n1,退回,\n", "没有写退回原因"),
            ("决定文书号,结果\n1,成功,多\n", "第2行的格数"),
            ("决定文书号,结果\n", "没有一行"),
        ] {
            let found = read(text).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
        assert!(super::read(b"\xff\xff\xff").unwrap_err().contains("GB18030"));
    }
}
