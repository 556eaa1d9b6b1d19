//! The acts that every procedure inherits.

use crate::basis::Basis;
use crate::id::{PostKind, StepId};

/// A generic act that every procedure inherits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generic {
    /// 更正: facts or texts, with a reason; the old entry stays.
    Correct,
    /// 作废: the matter was opened in error.
    Void,
    /// 并案: the matter duplicates another.
    Merge,
    /// 转办: another person of the same organ is responsible.
    Reassign,
    /// 代理: someone stands in while the responsible person is absent.
    Deputise,
    /// 催办.
    Urge,
    /// 撤回 the last step before anyone acted on it.
    Withdraw,
    /// 补充材料.
    Attach,
    /// 超期说明: the organ tells the parties why a limit has passed.
    Explain,
}

impl Generic {
    /// All, in the order of pages.
    pub const ALL: [Self; 9] = [
        Self::Explain,
        Self::Attach,
        Self::Correct,
        Self::Reassign,
        Self::Deputise,
        Self::Urge,
        Self::Withdraw,
        Self::Merge,
        Self::Void,
    ];

    /// The step id it is recorded under; `_` keeps it apart from a definition's own steps.
    pub fn step(self) -> StepId {
        StepId::from(match self {
            Self::Correct => "_correct",
            Self::Void => "_void",
            Self::Merge => "_merge",
            Self::Reassign => "_reassign",
            Self::Deputise => "_deputise",
            Self::Urge => "_urge",
            Self::Withdraw => "_withdraw",
            Self::Attach => "_attach",
            Self::Explain => "_explain",
        })
    }

    /// From a step id.
    pub fn of(step: &StepId) -> Option<Self> {
        Self::ALL.into_iter().find(|generic| generic.step() == *step)
    }

    /// The word on pages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Correct => "更正",
            Self::Void => "作废",
            Self::Merge => "并案",
            Self::Reassign => "转办",
            Self::Deputise => "代理",
            Self::Urge => "催办",
            Self::Withdraw => "撤回",
            Self::Attach => "补充材料",
            Self::Explain => "超期说明",
        }
    }
}

/// Who may take a generic act in a procedure, and on what basis.
#[derive(Clone, Debug)]
pub struct GenericRule {
    /// Holders of these posts.
    pub by: Vec<PostKind>,
    /// The basis; mostly 内控.
    pub basis: Basis,
    /// Steps after which it is taken no more: what happened is not taken for entered in error.
    pub not_after: Vec<StepId>,
    /// Who besides may correct what another system says otherwise, as long as nothing was done with the matter here.
    pub imported_by: Vec<PostKind>,
}
