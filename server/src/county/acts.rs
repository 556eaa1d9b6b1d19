//! What is done in a penalty case, in the words of the scenario's scenes.

use serde::Deserialize;

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Register,
    File,
    Preserve,
    HandlePreserved,
    Investigate,
    Recuse,
    EndInvestigation,
    Withdraw,
    TransferOrgan,
    ReportCrime,
    TransferPolice,
    HandOver,
    Exempt,
    ServeExemption,
    Notify,
    ServeNotice,
    Defend,
    ReviewDefence,
    WaiveDefence,
    WaiveHearing,
    RequestHearing,
    Appoint,
    FixDate,
    Hold,
    Report,
    Submit,
    SendReview,
    AcceptReview,
    GiveReview,
    Resubmit,
    Deliberate,
    Decide,
    EnterLate,
    Serve,
    Post,
    AwaitNotice,
    SendCredit,
    CreditAnswer,
    ReportSeizure,
    Disclose,
    Publish,
    EndPublication,
    PayPart,
    AddFine,
    Defer,
    Urge,
    Perform,
    ConfirmUnremedied,
    ApplyCourt,
    CourtAccepts,
    Release,
    Enforced,
    NoteRemedy,
    Upheld,
    ShowOrder,
    Order,
    Changed(Changing),
    Close,
    Archive,
}

/// What follows where reconsideration changed the decision and nobody pays: the county's government has it enforced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Changing {
    HandUp,
    Apply,
    Finish,
}
