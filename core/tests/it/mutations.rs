//! The law as committed, spoilt in one place at a time: each time the checker must find what the change deserves.
//!
//! A change is a text of a file and what it becomes. Only the spoilt definition is checked again, beside the others.
// long because: every place whose spoiling the checker must notice stands in one list per definition

use std::sync::{Mutex, OnceLock};

use zhunsheng_core::check::{Finding, Severity};
use zhunsheng_core::law::check_one;

use super::support::law_files;

const PENALTY: &str = "procedures/enforcement/penalty.toml";
const DELEGATION: &str = "procedures/enforcement/enforcement_delegation.toml";
const SEIZURE: &str = "procedures/enforcement/seizure.toml";
const HEARING: &str = "procedures/enforcement/hearing.toml";
const REVIEW: &str = "procedures/enforcement/enforcement_review.toml";
const MEDIATION: &str = "procedures/grassroots/mediation.toml";
const JOINT: &str = "procedures/grassroots/joint_dispute.toml";
const LEGALITY: &str = "procedures/decision/legality_review.toml";
const CONSULTATION: &str = "procedures/decision/public_consultation.toml";
const COMMENT: &str = "procedures/decision/public_comment.toml";

/// Changes one place: `within` is a text of the file after which the change is looked for.
struct Change {
    file: &'static str,
    within: &'static str,
    from: &'static str,
    to: &'static str,
    code: &'static str,
}

const fn change(
    file: &'static str,
    within: &'static str,
    from: &'static str,
    to: &'static str,
    code: &'static str,
) -> Change {
    Change { file, within, from, to, code }
}

fn spoilt(files: &[(String, String)], change: &Change) -> Vec<(String, String)> {
    let mut files = files.to_vec();
    let (_, text) = files.iter_mut().find(|(path, _)| path == change.file).unwrap();
    let (before, after) =
        text.split_once(change.within).unwrap_or_else(|| panic!("{} in {}", change.within, change.file));
    assert!(after.contains(change.from), "{} after {}", change.from, change.within);
    *text = format!("{before}{}{}", change.within, after.replacen(change.from, change.to, 1));
    files
}

/// Of the changes of the largest definition that only its paths show, the short form follows every third: each takes ten seconds.
/// `./check --full` follows all.
const FOLLOWED: usize = 3;

fn is_followed(at: usize, change: &Change) -> bool {
    change.file != PENALTY || at.is_multiple_of(FOLLOWED) || std::env::var_os("ZHUNSHENG_FULL").is_some()
}

/// The findings of a spoilt definition; its paths are explored only if what it shows without them does not say it. None: they are
/// left to the long form.
fn found(files: &[(String, String)], at: usize, change: &Change) -> Option<Vec<Finding>> {
    let files = spoilt(files, change);
    let look = |paths| check_one(&files, change.file, paths).unwrap_or_else(|error| panic!("{error}"));
    let quick = look(false);
    if quick.iter().any(|finding| finding.code.as_str() == change.code) {
        return Some(quick);
    }
    is_followed(at, change).then(|| look(true))
}

/// Every change gives an error or a warning of its code, which the committed law does not give.
fn all_caught(changes: &[Change]) {
    let files = law_files();
    let missed = Mutex::new(Vec::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(change) = changes.get(at) else { break };
                    let Some(found) = found(&files, at, change) else { continue };
                    let caught = found.iter().any(|finding| {
                        finding.code.as_str() == change.code
                            && matches!(finding.severity(), Severity::Error | Severity::Warning)
                    });
                    if !caught {
                        let codes: Vec<String> = found
                            .iter()
                            .filter(|finding| finding.severity() <= Severity::Warning)
                            .map(|finding| format!("{} {}", finding.code, finding.subject))
                            .collect();
                        missed.lock().unwrap().push(format!(
                            "{} → {}: expected {}, found {codes:?}",
                            change.within, change.to, change.code
                        ));
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A step's opening line in the file.
macro_rules! step {
    ($id:literal) => {
        concat!("[[step]]\nid = \"", $id, "\"")
    };
}

macro_rules! clock {
    ($id:literal) => {
        concat!("[[clock]]\nid = \"", $id, "\"")
    };
}

#[test]
fn a_spoilt_penalty_is_caught() {
    let violated = "invariant-violated";
    all_caught(&[
        // what must come before the decision
        change(
            PENALTY,
            step!("decide_penalty"),
            "    { that = \"not track defence is none\", basis = \"行政处罚法§62\", refuse = \"penalty_before_notice\" },\n    { that = \"holds defence_over\", basis = \"行政处罚法§62\", refuse = \"penalty_defence_open\" },\n",
            "",
            violated,
        ),
        change(
            PENALTY,
            step!("decide_penalty"),
            "    { that = \"holds hearing_over\", basis = \"行政处罚法§63\", refuse = \"penalty_hearing_open\" },\n",
            "",
            violated,
        ),
        change(
            PENALTY,
            step!("decide_penalty"),
            "linked legal_review is passed if holds art58",
            "linked legal_review is passed if holds local_review",
            violated,
        ),
        change(
            PENALTY,
            step!("decide_penalty"),
            "track main is deliberated if holds collective_due",
            "track main is submitted|deliberated if holds collective_due",
            violated,
        ),
        change(
            PENALTY,
            step!("decide_penalty"),
            "    { that = \"holds within_notice\", basis = \"行政处罚法§44\", refuse = \"penalty_kind_not_notified\" },\n",
            "",
            violated,
        ),
        change(PENALTY, step!("decide_penalty"), "fine <= $notified_fine", "fine >= $notified_fine", violated),
        change(PENALTY, step!("decide_penalty"), "not capacity = under_14", "not capacity = full", violated),
        change(
            PENALTY,
            step!("decide_penalty"),
            "not (kinds has fine and same_act_fined = yes)",
            "not (kinds has warning and same_act_fined = yes)",
            violated,
        ),
        change(
            PENALTY,
            step!("serve_notice"),
            "hearing.offered if holds hearing_due",
            "hearing.none if holds hearing_due",
            violated,
        ),
        change(PENALTY, step!("serve_notice"), ", \"hearing.offered if holds hearing_due\"", "", violated),
        change(
            PENALTY,
            step!("notify"),
            "issues = [\"penalty_notice if not holds hearing_due\", ",
            "issues = [",
            "paper-missing",
        ),
        // persons
        change(
            PENALTY,
            step!("decide_penalty"),
            "    \"investigate 制度:行政处罚案件调查与审查分离\",\n",
            "",
            violated,
        ),
        change(
            PENALTY,
            step!("decide_no_penalty"),
            "    \"end_investigation 制度:行政处罚案件调查与审查分离\",\n",
            "",
            "separation-uneven",
        ),
        change(
            PENALTY,
            step!("approve_disclosure"),
            "not_by = [\"investigate 制度:公开审查与办案分离\", \"end_investigation 制度:公开审查与办案分离\"]\n",
            "",
            "reviewer-may-be-drafter",
        ),
        change(PENALTY, step!("investigate"), "min = 2", "min = 1", "officers-phrase"),
        change(PENALTY, step!("end_investigation"), "officers = ", "#officers = ", "officers-missing"),
        change(PENALTY, step!("decide_penalty"), "power = ", "#power = ", "power-missing"),
        change(PENALTY, step!("file"), "power = ", "#power = ", violated),
        change(
            DELEGATION,
            step!("register"),
            "not (delegation_kind = entrusted and power_kind = compulsion)",
            "not (delegation_kind = assigned and power_kind = compulsion)",
            violated,
        ),
        change(DELEGATION, step!("register"), "or filled valid_until", "or filled valid_from", violated),
        change(
            DELEGATION,
            step!("register"),
            "organ from_organ owns domain and",
            "organ to_organ owns domain and",
            violated,
        ),
        change(
            PENALTY,
            step!("transfer_police"),
            "by = [\"organ_head\"]",
            "by = [\"organ_head\", \"deputy_head\"]",
            violated,
        ),
        change(
            PENALTY,
            step!("preserve"),
            "by = [\"organ_head\", \"deputy_head\"]",
            "by = [\"enforcement_officer\"]",
            violated,
        ),
        change(PENALTY, step!("archive"), "by = [\"enforcement_clerk\"]", "by = [\"record_keeper\"]", "unknown-post"),
        change(PENALTY, step!("archive"), "by = [\"enforcement_clerk\"]", "by = [\"mediator\"]", "post-blind"),
        // clocks
        change(PENALTY, clock!("decide_in_time"), "phrase = \"九十日\"", "phrase = \"六十日\"", "phrase-not-locked"),
        change(PENALTY, clock!("decide_in_time"), "phrase = \"九十日\"\n", "", "clock-without-phrase"),
        change(PENALTY, clock!("decide_in_time"), "limit = \"90 day\"", "limit = \"60 day\"", "amount-conflict"),
        change(PENALTY, clock!("decide_in_time"), "limit = \"90 day\"", "limit = \"90 work_day\"", "unit-conflict"),
        change(PENALTY, clock!("preservation"), "limit = \"7 work_day\"", "limit = \"7 day\"", "unit-conflict"),
        change(
            PENALTY,
            clock!("decide_in_time"),
            "basis = \"行政处罚法§60\"",
            "basis = \"行政处罚法§59\"",
            "phrase-not-locked",
        ),
        change(
            PENALTY,
            clock!("decide_in_time"),
            "basis = \"行政处罚法§60\"",
            "basis = \"行政处罚法§160\"",
            "unknown-article",
        ),
        change(
            PENALTY,
            clock!("decide_in_time"),
            "basis = \"行政处罚法§60\"",
            "basis = \"行政处分法§60\"",
            "unknown-statute",
        ),
        change(PENALTY, clock!("decide_in_time"), ", \"withdraw_case\"]", "]", "clock-cannot-stop"),
        change(
            PENALTY,
            clock!("decide_in_time"),
            "stops = [\"decide_penalty\", ",
            "#stops = [\"decide_penalty\", ",
            "clock-never-stops",
        ),
        change(
            PENALTY,
            clock!("decide_in_time"),
            "    { by = \"extend_by_head\",",
            "    #{ by = \"extend_by_head\",",
            violated,
        ),
        change(PENALTY, clock!("decide_in_time"), "configurable = ", "#configurable = ", "limit-not-configurable"),
        change(PENALTY, clock!("service"), "starts = [\"decide_penalty\"]", "starts = [\"file\"]", violated),
        change(
            PENALTY,
            clock!("publication"),
            "starts = [\"decide_penalty\"]",
            "starts = [\"serve\"]",
            "disclosure-without-deadline",
        ),
        change(PENALTY, clock!("notice_public_notice"), "expires = {", "#expires = {", "system-without-expiry"),
        change(
            PENALTY,
            clock!("decision_public_notice"),
            "basis = \"民事诉讼法§95\" }",
            "basis = \"内控:期满视为送达\" }",
            "deemed-without-basis",
        ),
        change(
            PENALTY,
            clock!("decision_public_notice"),
            "kind = \"minimum\"",
            "kind = \"maximum\"",
            "limit-kind-conflict",
        ),
        change(PENALTY, clock!("reconsideration_window"), "roll = \"民事诉讼法§85\"\n", "", "roll-missing"),
        change(PENALTY, clock!("reconsideration_window"), "duty = \"party\"\n", "", "remedy-window-missing"),
        change(
            PENALTY,
            step!("extend_by_head"),
            "by = [\"organ_head\"]",
            "by = [\"system\"]",
            "extension-without-approver",
        ),
        change(
            PENALTY,
            step!("apply_court"),
            "    { that = \"clock urge_period is elapsed\", basis = \"行政强制法§54\", refuse = \"penalty_urge_running\" },\n",
            "",
            "gate-unused",
        ),
        // remedies, disclosure, service
        change(
            PENALTY,
            "id = \"penalty_decision\"\ntitle = \"行政处罚决定书\"",
            "remedies = true\n",
            "",
            "decision-without-remedy",
        ),
        change(PENALTY, step!("decide_penalty"), "issues = [\"penalty_decision\"]\n", "", "paper-missing"),
        change(
            PENALTY,
            step!("decide_penalty"),
            "owes = [\"decision_disclosure\"]\n",
            "",
            "decision-without-disclosure",
        ),
        change(PENALTY, step!("publish"), "discloses = [\"decision_disclosure\"]\n", "", "disclosure-never-made"),
        change(PENALTY, step!("publish"), "from = [\"approved\"]", "from = [\"pending\", \"approved\"]", violated),
        change(
            PENALTY,
            step!("decide_penalty"),
            "authority = \"行政处罚法§57.1(1)\"",
            "authority = \"制度:处罚办法\"",
            "decision-without-statute",
        ),
        change(PENALTY, step!("review_defence"), "to = \"reviewed\"", "to = \"stated\"", "unreachable-state"),
        change(PENALTY, step!("resume"), "to = \"investigating\"", "to = \"suspended\"", "suspension-not-left"),
    ]);
}

#[test]
fn spoilt_executions_and_seizures_are_caught() {
    let violated = "invariant-violated";
    let in_time = "    { that = \"holds in_time\", basis = \"行政强制法§28.1(4)\", refuse = \"seizure_expired\" },\n";
    let urge_heard = "    { that = \"holds urge_heard\", basis = \"行政强制法§36\", refuse = \"penalty_urge_defence_unreviewed\" },\n";
    all_caught(&[
        change(PENALTY, step!("apply_court"), urge_heard, "", violated),
        change(PENALTY, step!("enforce"), urge_heard, "", violated),
        change(
            PENALTY,
            step!("apply_court"),
            "by = [\"organ_head\"]",
            "by = [\"organ_head\", \"deputy_head\"]",
            violated,
        ),
        change(
            PENALTY,
            step!("urge"),
            "not clock deferred_payment is running",
            "not clock deferred_payment is stopped",
            violated,
        ),
        change(PENALTY, step!("add_fine"), "holds overdue", "kinds has fine", violated),
        change(
            PENALTY,
            step!("agree_execution"),
            "reduced_additional <= $additional_fine",
            "reduced_additional <= $fine",
            violated,
        ),
        change(
            PENALTY,
            step!("object_to_court"),
            "clock court_objection is running",
            "clock court_objection is expired",
            violated,
        ),
        change(PENALTY, step!("close_penalty"), "not linked seizure open", "not linked hearing open", violated),
        change(SEIZURE, step!("seize"), "from = [\"approved\"]", "from = [\"requested\"]", violated),
        change(SEIZURE, step!("seize"), "min = 2, ", "min = 1, ", violated),
        change(SEIZURE, step!("seize"), "not by_entrusted = yes", "by_entrusted = yes", violated),
        change(SEIZURE, step!("seize"), "not filled twice", "filled twice", violated),
        change(SEIZURE, step!("confiscate"), in_time, "", violated),
        change(SEIZURE, step!("confiscate"), "case_confiscates = yes", "case_confiscates = no", violated),
        change(SEIZURE, step!("seize"), "not filled beyond", "filled beyond", violated),
        change(SEIZURE, step!("seize"), "necessities_on_site = no", "necessities_on_site = yes", violated),
        change(SEIZURE, clock!("release"), "stops = [\"lift\"]", "stops = [\"destroy\"]", violated),
        change(PENALTY, step!("confirm_unremedied"), "not remedy_route = judgment", "not remedy_route = own", violated),
        // what remedies bring
        change(PENALTY, step!("take_remedial"), ", \"revoked\"]", "]", "clock-cannot-stop"),
        change(
            PENALTY,
            step!("withdraw_publication"),
            "or clock withdraw_in_time is running",
            "or done note_litigation",
            violated,
        ),
        change(PENALTY, step!("publish"), "not track remedy is revoked", "not track remedy is open", violated),
        change(PENALTY, step!("publish_order"), "not track remedy is revoked", "not track remedy is open", violated),
        change(
            PENALTY,
            step!("remake_reconsidered"),
            "remedy_route = reconsideration",
            "remedy_route = judgment",
            violated,
        ),
        change(
            PENALTY,
            step!("serve_urge"),
            "urge_served_on < $urge_deadline",
            "urge_served_on <= $urge_deadline",
            violated,
        ),
        change(PENALTY, step!("refund"), "refund_amount <= $refund_due", "refund_amount <= $paid_total", violated),
        change(SEIZURE, step!("extend"), in_time, "", violated),
        change(SEIZURE, clock!("period"), "suspend = [", "#suspend = [", violated),
        change(SEIZURE, clock!("period"), "limit = \"30 day\"\n", "limit = \"60 day\"\n", "amount-conflict"),
    ]);
}

#[test]
fn spoilt_hearings_and_reviews_are_caught() {
    let violated = "invariant-violated";
    all_caught(&[
        change(HEARING, step!("hold"), "\"parent.investigate 行政处罚法§64(4)\", ", "", violated),
        change(HEARING, step!("hold"), ", \"parent._responsible 行政处罚法§64(4)\"", "", violated),
        change(HEARING, step!("notice"), "from = [\"dated\"]", "from = [\"held\"]", "step-never-taken"),
        change(HEARING, clock!("notice_ahead"), "backward = true\n", "", "limit-kind-conflict"),
        change(HEARING, clock!("notice_ahead"), "limit = \"7 work_day\"", "limit = \"5 work_day\"", "amount-conflict"),
        change(
            HEARING,
            clock!("notice_ahead"),
            "starts = [\"fix_date\"]\nrestarts = [\"fix_date\"]",
            "starts = []",
            "clock-never-starts",
        ),
        change(
            HEARING,
            step!("appoint"),
            "by = [\"organ_head\", \"deputy_head\"]",
            "by = [\"enforcement_officer\"]",
            violated,
        ),
        change(REVIEW, step!("agree"), "    \"parent.investigate 制度:办案与审核分离\",\n", "", violated),
        change(REVIEW, step!("agree"), "    \"parent.end_investigation 制度:办案与审核分离\",\n", "", violated),
        change(REVIEW, step!("agree"), "    \"supplement 制度:办案与审核分离\",\n", "", violated),
        change(REVIEW, step!("agree"), "parent.investigate", "parent.inspect", "unknown-parent-step"),
        change(REVIEW, step!("agree"), "issues = [\"review_opinion\"]\n", "", "paper-missing"),
        change(REVIEW, step!("agree"), " and points has crime", "", violated),
        change(REVIEW, clock!("review_in_time"), ", \"withdraw_review\"]", "]", "clock-cannot-stop"),
        change(
            REVIEW,
            step!("reject"),
            "phrase = \"应当通过国家统一法律职业资格考试取得法律职业资格\", ",
            "",
            "officers-phrase",
        ),
        change(
            LEGALITY,
            step!("conclude"),
            "    { that = \"done advise if review_type = major_decision\"",
            "    { that = \"done advise if review_type = contract\"",
            violated,
        ),
        change(LEGALITY, step!("sign_unlawful"), "overall = unlawful", "overall = lawful", "guards-overlap"),
        change(LEGALITY, step!("sign_unlawful"), "\"conclude 制度:县政府合法性审查工作规定\", ", "", violated),
        change(
            LEGALITY,
            step!("office_pass"),
            "not_by = [\"submit 内控:起草与审核分开\"]\n",
            "",
            "reviewer-may-be-drafter",
        ),
        change(
            LEGALITY,
            step!("to_meeting"),
            "not overall = unlawful if review_type = major_decision",
            "not overall = lawful if review_type = major_decision",
            violated,
        ),
        change(LEGALITY, step!("to_meeting"), "clock review_time is elapsed or ", "", "gate-unused"),
        change(LEGALITY, step!("feedback"), "to = \"fed_back\"", "to = \"issued\"", "unreachable-state"),
        change(LEGALITY, clock!("review_time"), "limit = \"7 work_day\"", "limit = \"7 day\"", "unit-conflict"),
        change(LEGALITY, clock!("review_limit"), "suspend = [", "#suspend = [", violated),
        change(
            LEGALITY,
            clock!("review_limit"),
            "when = \"not review_type = major_decision\"",
            "when = \"review_type = major_decision\"",
            "override-never-applies",
        ),
    ]);
}

#[test]
fn joint_settlement_spoilt() {
    let violated = "invariant-violated";
    all_caught(&[
        change(
            JOINT,
            step!("transfer"),
            "not organ lead_organ serves public_security",
            "organ lead_organ serves public_security",
            violated,
        ),
        change(JOINT, step!("sign_for"), "clock sign_in_time is expired", "clock sign_in_time is running", violated),
        change(JOINT, step!("resolve"), "not_by = ", "#not_by = ", violated),
        change(JOINT, step!("resolve"), "not done take_up", "done take_up", violated),
        change(
            JOINT,
            step!("resolve"),
            "resolution_way = legal_document if track main is diverted",
            "filled resolution_way",
            violated,
        ),
        change(
            JOINT,
            step!("resolve_by_mediation"),
            "linked mediation is agreed_written|agreed_oral",
            "linked mediation is agreed_written|refused",
            violated,
        ),
        change(MEDIATION, step!("mediate"), "done report_escalation if risk = high", "filled session_record", violated),
    ]);
}

#[test]
fn a_spoilt_mediation_is_caught() {
    let violated = "invariant-violated";
    all_caught(&[
        change(
            MEDIATION,
            step!("mediate"),
            "from = [\"informed\", \"mediating\"]",
            "from = [\"accepted\", \"informed\", \"mediating\"]",
            violated,
        ),
        change(MEDIATION, step!("inform"), "to = \"informed\"", "to = \"mediating\"", "unreachable-state"),
        change(
            MEDIATION,
            step!("agree_written"),
            "    { that = \"parties_signed = yes\", basis = \"人民调解法§29.2\", refuse = \"agreement_unsigned\" },\n",
            "",
            violated,
        ),
        change(
            MEDIATION,
            step!("draw_up"),
            "    { that = \"not perform_by < day\", basis = \"人民调解法§31.1\", refuse = \"agreement_due_before_made\" },\n",
            "",
            violated,
        ),
        change(MEDIATION, step!("agree_orally"), "not perform_by < day if", "not perform_by > day if", violated),
        change(MEDIATION, step!("draw_up"), "amount_agreed > 0元 or", "filled amount_agreed or", violated),
        change(
            MEDIATION,
            step!("agree_written"),
            "\"performance.due if performed_at_once = no\", ",
            "\"performance.due if performed_at_once = yes\", ",
            "guards-overlap",
        ),
        change(
            MEDIATION,
            step!("fail"),
            "fill = [\"failure_reason\", \"remedies_told\"]",
            "fill = [\"failure_reason\"]",
            violated,
        ),
        change(MEDIATION, step!("inform"), "issues = [\"rights_notice\"]\n", "", "paper-missing"),
        change(
            MEDIATION,
            step!("apply_confirmation"),
            "clock confirmation_window is running",
            "clock confirmation_window is running or joint_application = yes",
            violated,
        ),
        change(MEDIATION, step!("close"), "from = [\"agreed\", \"terminated\"]", "from = [\"agreed\"]", "livelock"),
        change(
            MEDIATION,
            step!("close"),
            "not track performance is due",
            "not track performance is performed",
            violated,
        ),
        change(
            MEDIATION,
            step!("extend_limit"),
            "by = [\"mediation_head\", \"mediator\"]",
            "by = [\"citizen\"]",
            "extension-without-approver",
        ),
        change(MEDIATION, clock!("mediation_limit"), "extend = [", "#extend = [", violated),
        change(MEDIATION, clock!("answer"), ", \"withdraw\"]", "]", "clock-cannot-stop"),
        change(
            MEDIATION,
            clock!("confirmation_window"),
            "limit = \"30 day\"",
            "limit = \"30 work_day\"",
            "unit-conflict",
        ),
        change(
            MEDIATION,
            clock!("confirmation_window"),
            "basis = \"人民调解法§33\"",
            "basis = \"人民调解法§3\"",
            "phrase-not-locked",
        ),
        change(
            MEDIATION,
            step!("guide"),
            "refuse = \"not_being_mediated\"",
            "refuse = \"nobody_knows\"",
            "unknown-refusal",
        ),
        change(
            MEDIATION,
            "id = \"mediation\"",
            "in_force_from = \"2011-01-01\"",
            "in_force_from = \"2010-01-01\"",
            "edition-not-in-force",
        ),
    ]);
}

/// Read once: the committed law gives neither error nor warning, so nothing above is found by chance.
#[test]
fn a_spoilt_consultation_is_caught() {
    let violated = "invariant-violated";
    all_caught(&[
        change(CONSULTATION, step!("close"), "that = \"closes_on < day\"", "that = \"filled closes_on\"", violated),
        change(
            CONSULTATION,
            step!("publish"),
            "not days_missing > 0 or filled short_reason if document_kind = major_decision",
            "filled closes_on if document_kind = major_decision",
            violated,
        ),
        change(
            CONSULTATION,
            step!("publish"),
            "not days_missing > 0 or filled short_reason if document_kind = normative_document and market_related = yes",
            "filled closes_on if document_kind = normative_document and market_related = yes",
            violated,
        ),
        change(CONSULTATION, step!("publish"), "\"prepare 内控:起草与核对公布分开\", ", "", violated),
        change(CONSULTATION, step!("publish"), ", \"prepare_again 内控:起草与核对公布分开\"", "", violated),
        change(CONSULTATION, step!("extend_term"), "closes_on > $was_until", "filled extend_reason", violated),
        change(CONSULTATION, step!("answer"), "not unsettled > 0", "filled feedback", violated),
        change(CONSULTATION, step!("answer"), "not numbers_found > 0", "filled feedback", violated),
        change(
            CONSULTATION,
            step!("extend_term"),
            "that = \"closes_on >= day\"",
            "that = \"filled closes_on\"",
            violated,
        ),
        change(
            CONSULTATION,
            step!("file_away"),
            "done publish_feedback if market_related = yes",
            "done answer if market_related = yes",
            violated,
        ),
        change(COMMENT, step!("comment_online"), "takes = yes", "way = portal", violated),
        change(COMMENT, step!("register_comment"), "not studied = no", "filled document_title", violated),
        change(COMMENT, step!("register_comment"), "came_on <= $closed_on", "filled came_on", violated),
        change(
            COMMENT,
            step!("settle"),
            " if settled_as in partly|declined|beyond",
            " if settled_as = beyond",
            violated,
        ),
    ]);
}

#[test]
fn the_committed_law_gives_neither_error_nor_warning() {
    static FILES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let loaded = zhunsheng_core::law::load(FILES.get_or_init(law_files));
    let grave: Vec<String> = loaded
        .findings
        .iter()
        .filter(|finding| matches!(finding.severity(), Severity::Error | Severity::Warning))
        .map(ToString::to_string)
        .collect();
    assert!(loaded.errors.is_empty() && grave.is_empty(), "{:?} {grave:#?}", loaded.errors);
}
