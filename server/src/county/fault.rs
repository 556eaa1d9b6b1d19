//! Why a demonstration county could not be made.

use zhunsheng_core::day::Day;
use zhunsheng_core::law::LawError;

use crate::app::act::ActError;
use crate::app::fault::Fault as AppFault;
use crate::store::StoreFault;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The scenario file cannot be read: file, line, column, what was expected.
    #[error("情景文件有误：{0}")]
    Scenario(LawError),
    /// Something that the scenario relies on is not there.
    #[error("演示数据缺少：{what}")]
    Missing {
        /// What.
        what: String,
    },
    /// The engine refused an act of the simulator: scenario and law do not fit together.
    #[error("模拟到{}时，{procedure}的“{step}”被拒绝：\n{}", day.chinese(), reasons.join("\n"))]
    Refused {
        /// The simulated day.
        day: Day,
        /// The procedure, or the matter.
        procedure: String,
        /// The step.
        step: String,
        /// Every reason, with its field.
        reasons: Vec<String>,
    },
    /// A use case or the store failed.
    #[error(transparent)]
    App(#[from] AppFault),
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::App(fault.into())
    }
}

impl Fault {
    /// What the engine said, with the act it was about.
    pub(super) fn of_act(error: ActError, day: Day, procedure: &str, step: &str) -> Self {
        let refused = |reasons| Self::Refused { day, procedure: procedure.to_owned(), step: step.to_owned(), reasons };
        match error {
            ActError::Fault(fault) => Self::App(fault),
            ActError::NotFound => refused(vec!["该人员看不到这个事项，或者没有在任的岗位".to_owned()]),
            ActError::KeyReused => refused(vec!["幂等键重复".to_owned()]),
            ActError::Refused(refusals) => refused(
                refusals
                    .iter()
                    .map(|r| {
                        format!(
                            "[{}] {}{}",
                            r.code,
                            r.field.as_ref().map(|f| format!("（{f}）")).unwrap_or_default(),
                            r.sentence
                        )
                    })
                    .collect(),
            ),
        }
    }
}
