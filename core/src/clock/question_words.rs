//! What an answer adds to the working of a limit: which edition, why the unit is what it is, why the day of the start is
//! left out.

use super::Unit;
use super::question::{Reading, Resolved};
use crate::basis::chinese_number;

/// Puts the lines behind the first, which names article, amount and start.
pub(super) fn add(because: &mut Vec<String>, reading: &Reading<'_>, resolved: Resolved) {
    let mut lines = vec![edition_line(reading)];
    lines.extend(unit_line(reading, resolved));
    lines.extend(start_line(reading, resolved));
    let behind = because.len().min(1);
    because.splice(behind..behind, lines);
}

fn edition_line(reading: &Reading<'_>) -> String {
    let (title, edition) = (&reading.statute.title, reading.edition);
    let words = match reading.question.phrase.as_str() {
        "" => String::new(),
        phrase => format!("，条文写作“{phrase}”"),
    };
    format!("适用《{title}》{} 版（自{}起施行）{words}。", edition.adopted, edition.in_force.chinese())
}

fn unit_line(reading: &Reading<'_>, resolved: Resolved) -> Option<String> {
    let Resolved { amount, unit, in_days } = resolved;
    if !in_days {
        return (unit == Unit::WorkDay && reading.phrase.amounts.iter().any(|m| m.written.unit() == Some(unit)))
            .then(|| "条文写明按工作日计算。".to_owned());
    }
    let days = u16::try_from(amount).map_or_else(|_| amount.to_string(), chinese_number);
    let counting = &reading.edition.counting;
    let chosen = if unit == Unit::WorkDay { "工作日" } else { "自然日" };
    Some(match (reading.days(amount), &counting.work_days) {
        (None, Some(rule)) => {
            format!("{}只及于行政机关的期限，本期限的“日”条文没有写明，按所设定的{chosen}计算。", rule.basis)
        }
        (None, None) if reading.question.limit.is_some() => {
            format!("本法未规定“日”是否指工作日，按所设定的{chosen}计算。")
        }
        (None, None) => "本法未规定“日”是否指工作日，按自然日计算。".to_owned(),
        (Some(_), Some(rule)) if unit == Unit::WorkDay => {
            format!("依据{}，该“{days}日”是指工作日。", rule.basis)
        }
        (Some(_), Some(rule)) => format!("{}所列以工作日计算的期限不包括“{days}日”，按自然日计算。", rule.basis),
        (Some(_), None) => "条文写作“日”而非“工作日”，按自然日计算。".to_owned(),
    })
}

fn start_line(reading: &Reading<'_>, resolved: Resolved) -> Option<String> {
    match resolved.unit {
        Unit::Fixed(..) => None,
        Unit::Hour => {
            Some("以小时计算的，自时刻起算（《民法典》第二百零一条第二款），夜间和休假日不另扣除。".to_owned())
        }
        _ if reading.backward() => None,
        _ => Some(match &reading.edition.counting.start_excluded {
            Some(basis) => format!("当日不计的依据是{basis}。"),
            None => "当日不计，依照《民法典》第二百零一条第一款的一般规则。".to_owned(),
        }),
    }
}
