//! 裁量基准 in the committed procedure: a fine keeps to what the statute sets and to its degree, or says why not.
//! Not here: how the tables are made (src/discretion.rs), the rest of a penalty's life (penalty.rs).

use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Decider, Decision, EvidenceInput, Manner, Target};

use super::penalty::{Bureau, CLERK, DECISION, HEAD, OFFICER, typed};

impl Bureau {
    /// Submitted for decision: a listed violation, for which the statute has 5000 to 50000 and the lighter degree ends at 16250.
    fn listed(&mut self, gravity: &str) -> MatterId {
        self.listed_as("经营包装、标签不符合规定的农药", gravity)
    }

    fn listed_as(&mut self, violation: &str, gravity: &str) -> MatterId {
        let listed = format!("violation={violation} discretion=lighter");
        let id = self.investigated_as(&listed, "none_apply", gravity, "9000");
        // What is told lies outside the degree as well: with reasons.
        let notice =
            "notified_kinds=fine notified_fine=9000 hearing_other=no contact=电话 notice_deviation_reason=理由";
        self.step("2024-03-12", HEAD, id, "notify", notice);
        self.step("2024-03-13", OFFICER, id, "serve_notice", "notice_delivery=direct");
        self.step("2024-03-20", OFFICER, id, "submit", "handling_opinion=意见");
        id
    }

    /// What was decided on paper and is entered afterwards.
    fn decided_on_paper(&mut self, id: MatterId, input: &str) -> Decision {
        let manner = Manner::Late {
            decided_by: Some(Decider::Person(HEAD)),
            day: self.today,
            original: Some(Digest::of(b"paper")),
            number: Some("昌农罚决字〔2024〕9号".to_owned()),
        };
        let actor = Actor::Staff { person: CLERK, post: MatterId(103) };
        self.give(actor, Target::On(id), "decide_penalty", typed(input), manner).unwrap()
    }
}

#[test]
fn a_fine_keeps_to_the_statute_and_to_the_benchmark_of_its_degree() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.listed("ordinary");
    let with = |fine: &str, more: &str| format!("{} {more}", DECISION.replace("3000", fine));
    let mut refused = |fine: &str, more: &str| bureau.refused(HEAD, id, "decide_penalty", &with(fine, more));
    let (statute, benchmark) = ("penalty_outside_statute", "penalty_outside_benchmark");
    assert_eq!(refused("4000", ""), [statute, benchmark], "below what the article sets");
    assert_eq!(refused("9000", "discretion=heavier"), [benchmark]);
    assert_eq!(refused("9000", "discretion=heavier deviation_reason=理由"), [benchmark], "nobody deliberated");
    assert_eq!(refused("4000", "discretion=mitigated"), [statute, "penalty_ground_missing"], "no ground is cited");
    assert_eq!(refused("5000", "discretion=mitigated"), ["penalty_ground_missing"], "nor within the statute");
    assert_eq!(refused("9000", "discretion=mitigated mitigation_ground=helped"), [benchmark]);
    bureau.step(
        "2024-03-20",
        HEAD,
        id,
        "decide_penalty",
        &with("4000", "discretion=mitigated mitigation_ground=helped"),
    );

    let id = bureau.listed("grave");
    bureau.step("2024-03-21", HEAD, id, "deliberate", "meeting_members=三人 meeting_record=一致");
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &with("9000", "discretion=heavier")), [benchmark]);
    bureau.step(
        "2024-03-21",
        HEAD,
        id,
        "decide_penalty",
        &with("9000", "discretion=heavier deviation_reason=明显不当"),
    );
    assert!(bureau.matters[&id].flags.is_empty());
}

#[test]
fn a_fine_outside_the_range_is_not_even_told() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.investigated_as("violation=经营包装、标签不符合规定的农药", "none_apply", "ordinary", "9000");
    let notice = |fine: &str| format!("notified_kinds=fine notified_fine={fine} hearing_other=no contact=电话");
    assert_eq!(bureau.refused(HEAD, id, "notify", &notice("50001")), ["penalty_notice_outside_statute"]);
    assert_eq!(bureau.refused(HEAD, id, "notify", &notice("9000")), ["penalty_notice_outside_benchmark"]);
    bureau.step("2024-03-12", HEAD, id, "notify", &notice("20000"));
    assert!(bureau.matters[&id].flags.is_empty());
}

#[test]
fn a_fine_outside_the_statute_that_was_decided_on_paper_is_recorded_and_flagged() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.listed("ordinary");
    assert!(bureau.decided_on_paper(id, &DECISION.replace("3000", "4000")).flagged("penalty_outside_statute"));
}

/// A violation whose degrees the province set: lighter ends at 6500.
const OF_A_SUPERIOR: &str = "未按规定建立、保存种子生产经营档案";
const APPROVED: &str = "superior_organ=省农业农村厅 superior_number=农批〔2024〕3号 superior_on=2024-03-20";

#[test]
fn a_superiors_benchmark_is_left_only_with_its_approval_on_file() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.listed_as(OF_A_SUPERIOR, "grave");
    bureau.step("2024-03-21", HEAD, id, "deliberate", "meeting_members=三人 meeting_record=一致");
    let with = |more: &str| {
        format!("{} discretion=lighter deviation_reason=明显不当 {more}", DECISION.replace("3000", "9000"))
    };
    let unapproved = "penalty_superior_unapproved";
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &with("")), [unapproved], "a meeting is not enough");
    let unnumbered = with("superior_organ=省农业农村厅 superior_on=2024-03-20");
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &unnumbered), ["evidence_missing", unapproved]);
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &with(APPROVED)), ["evidence_missing"], "not in the file");
    let mut input = typed(&with(APPROVED));
    input.evidence.push(EvidenceInput { kind: "superior_approval".into(), ..super::world::map() });
    bureau.try_step(HEAD, id, "decide_penalty", input).unwrap();
    assert!(bureau.matters[&id].flags.is_empty());
}

#[test]
fn within_a_superiors_benchmark_or_outside_ones_own_nobody_above_is_asked() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.listed_as(OF_A_SUPERIOR, "ordinary");
    bureau.step(
        "2024-03-20",
        HEAD,
        id,
        "decide_penalty",
        &format!("{} discretion=lighter", DECISION.replace("3000", "6000")),
    );
    assert!(bureau.matters[&id].flags.is_empty());
}

#[test]
fn what_left_a_superiors_benchmark_on_paper_is_recorded_and_flagged() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.listed_as(OF_A_SUPERIOR, "ordinary");
    assert!(
        bureau
            .decided_on_paper(id, &format!("{} discretion=lighter", DECISION.replace("3000", "9000")))
            .flagged("penalty_superior_unapproved")
    );
}
