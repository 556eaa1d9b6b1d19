//! Who investigated does not judge: neither as reviewer or host of a hearing, nor by being appointed or handed the matter.
//! Not here: the same steps in the committed procedures' ordinary life (penalty.rs).

use zhunsheng_core::authority::{Credential, Person, Post};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Event, Input, MatterState};
use zhunsheng_core::refusal::Refusals;

use super::penalty::{Bureau, CLERK, HEAD, OFFICER, registry, typed};

/// An officer who is a legal reviewer as well.
const BOTH: MatterId = MatterId(6);
const AS_REVIEWER: MatterId = MatterId(206);
const REVIEWER: MatterId = MatterId(4);

fn bureau() -> Bureau {
    let (mut registry, from) = (registry(), Day::parse("2020-01-01").unwrap());
    registry.add_person(Person { id: BOTH, name: "兼职人员".into() });
    for (id, kind) in [(MatterId(106), "enforcement_officer"), (AS_REVIEWER, "legal_reviewer")] {
        let organ = "agriculture".into();
        registry.add_post(Post { id, person: BOTH, organ, kind: kind.into(), from, until: None });
    }
    for (register, domain) in [("enforcement_certificate", Some("agriculture")), ("legal_reviewer_register", None)] {
        let domains = domain.into_iter().map(str::to_owned).collect();
        let (id, number) = (if domain.is_some() { 306 } else { 406 }, "证6".to_owned());
        let held = Credential {
            id: MatterId(id),
            register: register.into(),
            organ: None,
            number,
            domains,
            from,
            last_day: None,
            revoked: None,
        };
        registry.add_credential(BOTH, held);
    }
    Bureau::with(registry, "2024-03-01")
}

fn codes(refusals: &Refusals) -> Vec<(&str, String)> {
    refusals.iter().map(|refusal| (refusal.code.as_str(), refusal.sentence.clone())).collect()
}

impl Bureau {
    /// A grave case, served; `ended` by whom beside the second officer, `assignee` is responsible for it.
    fn grave(&mut self, ended: MatterId, assignee: MatterId) -> MatterId {
        let id = self.registered();
        self.assigned("2024-03-04", HEAD, id, "file", "file_reason=符合", (Some(assignee), &[]));
        let second = MatterId(2);
        let record = "investigation=site_inspection investigation_record=现场检查";
        self.assigned("2024-03-05", OFFICER, id, "investigate", record, (None, &[OFFICER, second]));
        let report = "facts=事实 evidence_summary=证据 violation_basis=条款 penalty_basis=条款 discretion=ordinary discretion_reason=一般 same_act_fined=no gravity=grave review_grounds=complex proposed_kinds=fine proposed_fine=60000";
        self.assigned("2024-03-11", ended, id, "end_investigation", report, (None, &[ended, second]));
        self.notify(id, "60000");
        self.step("2024-03-14", OFFICER, id, "waive_defence", "waiver_note=书面");
        id
    }

    fn assigned(
        &mut self,
        day: &str,
        person: MatterId,
        id: MatterId,
        step: &str,
        text: &str,
        (assignee, officers): (Option<MatterId>, &[MatterId]),
    ) {
        self.today = Day::parse(day).unwrap();
        let input = Input { assignee, officers: officers.to_vec(), ..typed(text) };
        self.try_step(person, id, step, input).unwrap_or_else(|refusals| panic!("{step}: {refusals:#?}"));
    }

    /// What is said when the head makes somebody responsible.
    fn given_to(&mut self, id: MatterId, step: &str, text: &str, assignee: MatterId) -> Option<Refusals> {
        let input = Input { assignee: Some(assignee), reason: Some("分工".into()), ..typed(text) };
        self.try_step(HEAD, id, step, input).err()
    }

    /// What is said when BOTH acts in the post of a reviewer.
    fn as_reviewer(&mut self, id: MatterId, step: &str, text: &str) -> Option<Refusals> {
        self.in_post(BOTH, AS_REVIEWER, id, step, typed(text)).err()
    }
}

#[test]
fn who_ended_the_investigation_or_is_responsible_for_the_case_does_not_review_it() {
    for (ended, assignee, earlier) in [(BOTH, OFFICER, "调查终结"), (OFFICER, BOTH, "承办")] {
        let mut bureau = bureau();
        let id = bureau.grave(ended, assignee);
        bureau.step("2024-03-14", OFFICER, id, "waive_hearing", "waiver_note=书面");
        bureau.step("2024-03-15", OFFICER, id, "submit", "handling_opinion=意见");
        bureau.step("2024-03-15", OFFICER, id, "send_review", "");
        let review = bureau.linked(id, "legal_review");
        let refusals = bureau.as_reviewer(review, "accept", "").expect("refused");
        let [(code, sentence)] = &codes(&refusals)[..] else { panic!("{refusals:?}") };
        assert!(*code == "same_person" && sentence.contains(earlier), "{code} {sentence}");
        // Nor is it handed to them, under either post; to another reviewer it is.
        let refusals = bureau.given_to(review, "_reassign", "", BOTH).expect("refused");
        assert_eq!(codes(&refusals)[0].0, "same_person");
        assert!(bureau.given_to(review, "_reassign", "", REVIEWER).is_none());
        let input = Input { officers: vec![REVIEWER], ..Input::default() };
        bureau.try_step(REVIEWER, review, "accept", input).unwrap();
    }
}

#[test]
fn who_investigated_is_not_appointed_to_host_the_hearing() {
    let mut bureau = bureau();
    let id = bureau.grave(BOTH, OFFICER);
    bureau.step("2024-03-15", OFFICER, id, "request_hearing", "hearing_request=要求");
    let hearing = bureau.linked(id, "hearing");
    let recorder = format!("recorder={CLERK}");
    for (who, earlier) in [(BOTH, "调查终结"), (OFFICER, "调查取证")] {
        let refusals = bureau.given_to(hearing, "appoint", &recorder, who).expect("refused");
        let [(code, sentence)] = &codes(&refusals)[..] else { panic!("{refusals:?}") };
        assert!(*code == "same_person" && sentence.contains(earlier), "{code} {sentence}");
    }
    assert!(bureau.given_to(hearing, "appoint", &recorder, REVIEWER).is_none());
    assert_eq!(bureau.matters[&hearing].assigned, Some(REVIEWER));
}

/// Being responsible is not undone by another appointment: whoever led the case does not review it afterwards.
#[test]
fn who_was_responsible_before_somebody_else_does_not_review_either() {
    let mut bureau = bureau();
    let id = bureau.grave(OFFICER, BOTH);
    assert!(bureau.given_to(id, "_reassign", "", OFFICER).is_none());
    assert_eq!((bureau.matters[&id].assigned, bureau.matters[&id].deputy), (Some(OFFICER), None));
    bureau.step("2024-03-14", OFFICER, id, "waive_hearing", "waiver_note=书面");
    bureau.step("2024-03-15", OFFICER, id, "submit", "handling_opinion=意见");
    bureau.step("2024-03-15", OFFICER, id, "send_review", "");
    let review = bureau.linked(id, "legal_review");
    let refusals = bureau.as_reviewer(review, "accept", "").expect("refused");
    assert!(
        codes(&refusals).iter().any(|(code, said)| *code == "same_person" && said.contains("承办")),
        "{refusals:?}"
    );
    let refusals = bureau.given_to(review, "_reassign", "", BOTH).expect("refused");
    assert_eq!(codes(&refusals)[0].0, "same_person");
    assert!(bureau.given_to(review, "_reassign", "", REVIEWER).is_none());
}

/// A row of before this was kept is one element shorter, is read, and counts its last appointments from then on.
#[test]
fn a_row_that_does_not_keep_who_was_responsible_is_read() {
    let mut bureau = bureau();
    let id = bureau.grave(OFFICER, BOTH);
    let mut older = bureau.matters[&id].clone();
    older.ever_responsible = None;
    older.erased = Some(Vec::new());
    let bytes = minicbor::to_vec(&older).unwrap();
    assert_eq!(bytes[..2], [0x98, 27], "an array of the keys 0 to 26");
    let mut read: MatterState = minicbor::decode(&bytes).unwrap();
    assert_eq!(read, older);
    assert!(read.was_responsible(BOTH) && !read.was_responsible(OFFICER));
    read.apply(&Event::Assigned(OFFICER));
    assert!(read.was_responsible(BOTH) && read.was_responsible(OFFICER) && !read.was_responsible(REVIEWER));
}
