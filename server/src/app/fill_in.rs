//! What a placeholder in a superior organ's workbook means: a figure (`S46`), a figure narrowed to values of coded fields
//! (`S46.纠纷类型=邻里`), a day, the unit.
//!
//! Every number is an indicator's, over the days that were asked for, so that the sheet and the figures cannot disagree. Does not belong
//! here: the workbook (`sheet/fill.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::indicator::{Dated, Indicator, Measure, Period, Selection};
use zhunsheng_core::procedure::Checked;

use super::fault::Fault;
use super::figures::{self, Basis};
use super::mediation_sheet::Scope;
use super::ruling::Ruling;
use super::sheet::fill::{UNCLOSED, Value};
use crate::store::Query;

/// Where the values come from.
pub struct Source<'a> {
    /// The county's code.
    pub county: &'a str,
    /// Indicators and definitions.
    pub ruling: &'a Ruling,
    /// What the county knew; the same for every placeholder of a workbook.
    pub basis: Basis,
    /// The days that are counted.
    pub period: (Day, Day),
    /// Of whom: the county, or what stands below a station.
    pub scope: Option<&'a Scope>,
    /// Whose sheet it is, in words.
    pub whose: &'a str,
}

/// Why a placeholder is not filled: a clause for people.
pub type Unfilled = &'static str;

impl Source<'_> {
    /// The value of a placeholder; inside, why there is none.
    pub fn value(&self, q: &impl Query, name: &str) -> Result<Result<Value, Unfilled>, Fault> {
        let (from, to) = self.period;
        let said = match name.trim() {
            "单位" => Some(self.whose.to_owned()),
            "从" => Some(from.chinese()),
            "到" => Some(to.chinese()),
            "今天" => Some(self.basis.today.chinese()),
            _ => None,
        };
        if let Some(said) = said {
            return Ok(Ok(Value::Text(said)));
        }
        if name.starts_with(UNCLOSED) {
            return Ok(Err("只有“{{”，没有“}}”；请补全，不是要填的去掉“{{”"));
        }
        let mut parts = name.trim().split('.');
        let id = parts.next().unwrap_or_default();
        let Some(known) = self.ruling.indicators.iter().find(|indicator| indicator.id == id || indicator.title == id)
        else {
            return Ok(Err("没有这个指标"));
        };
        let Some(measure) = &known.measure else { return Ok(Err("这个指标没有从记录计算")) };
        let mut measure = measure.clone();
        let mut named = BTreeSet::new();
        for part in parts {
            if let Err(why) = self.narrow(&mut measure, part, &mut named) {
                return Ok(Err(why));
            }
        }
        if let Some(scope) = self.scope
            && let Err(why) = self.narrow_to(scope, &mut measure, id)
        {
            return Ok(Err(why));
        }
        let at_the_end = selections(&mut measure).iter().all(|of| of.dated == Dated::InForce);
        let period = Period { from: Some(from).filter(|_| !at_the_end), to: Some(to) };
        let indicator = Indicator { period, measure: Some(measure), ..known.clone() };
        let figure = figures::one(q, self.county, self.ruling, self.basis, &indicator)?;
        Ok(figure.value.map(|value| Value::Number((value * 100.0).round() / 100.0)).ok_or("期间内没有可算的"))
    }

    /// `field=value`, each by its title or its code: among what the figure counts anyway, never instead of it, and
    /// each field once.
    fn narrow(&self, measure: &mut Measure, part: &str, named: &mut BTreeSet<FieldId>) -> Result<(), Unfilled> {
        let (field, value) = part.split_once('=').ok_or("点号后面要写成“字段=值”")?;
        let (mut narrowed, mut counted_before) = (BTreeSet::new(), BTreeSet::new());
        for of in selections(measure) {
            let definitions = definitions(self.ruling, of).ok_or("这个指标不能再细分")?;
            let mut asked: BTreeSet<(FieldId, String)> = BTreeSet::new();
            for definition in &definitions {
                asked.insert(coded(definition, field, value)?);
            }
            // One question for all procedures of the figure: what one of them calls otherwise would silently count as none.
            let (Some((field, code)), true) = (asked.pop_first(), asked.is_empty()) else {
                return Err("这个字段在指标统计的各种事项里写法不同，不能细分");
            };
            if named.contains(&field) {
                return Err("同一个字段只能写一次");
            }
            if of.facts.get(&field).is_some_and(|counted| !counted.contains(&code)) {
                return Err("指标本身已经限定了这个字段，不包括这个选项");
            }
            counted_before.insert(of.facts.insert(field.clone(), vec![code]));
            narrowed.insert(field);
        }
        // Part and whole of a share would become the same.
        if counted_before.len() > 1 {
            return Err("这个比率就是按这个字段算的，不能再按它细分");
        }
        named.extend(narrowed);
        Ok(())
    }

    fn narrow_to(&self, scope: &Scope, measure: &mut Measure, indicator: &str) -> Result<(), Unfilled> {
        for of in selections(measure) {
            if !is_placed(self.ruling, of, indicator) {
                return Err("这个数没有按镇登记，只能由县里填");
            }
            scope.narrow(of, indicator);
        }
        Ok(())
    }
}

/// Whether a figure can be told for a town.
#[must_use]
pub fn has_place(ruling: &Ruling, indicator: &Indicator) -> bool {
    let mut measure = indicator.measure.clone();
    measure.iter_mut().flat_map(selections).all(|of| is_placed(ruling, of, &indicator.id))
}

fn is_placed(ruling: &Ruling, of: &Selection, indicator: &str) -> bool {
    indicator == Scope::BY_COMMITTEE
        || definitions(ruling, of).is_some_and(|all| all.iter().all(|one| one.fields.contains_key("place")))
}

/// The definitions of all procedures of a selection; none if one is not known.
fn definitions(ruling: &Ruling, of: &Selection) -> Option<Vec<Arc<Checked>>> {
    let known = of.procedures.iter().map(|id| ruling.law.newest(id.as_str()).cloned());
    known.collect::<Option<Vec<_>>>().filter(|known| !known.is_empty())
}

/// A coded field and one of its values, each by its title or its code.
fn coded(definition: &Checked, field: &str, value: &str) -> Result<(FieldId, String), Unfilled> {
    let field = definition.fields.values().find(|known| known.id.as_str() == field || known.title == field);
    let field = field.ok_or("没有这个字段，或者不是每种事项都有")?;
    let items = definition.list_of(field).ok_or("这个字段没有选项")?;
    let code = items.items.iter().find(|(code, title)| code.as_str() == value || title == value);
    let (code, _) = code.ok_or("这个字段没有这个选项，或者不是每种事项都有")?;
    Ok((field.id.clone(), code.to_string()))
}

fn selections(measure: &mut Measure) -> Vec<&mut Selection> {
    match measure {
        Measure::Count(of) | Measure::PerYear(of) | Measure::Sum { of, .. } | Measure::Distinct { of, .. } => vec![of],
        Measure::Ratio { part, whole } => vec![part, whole],
    }
}
