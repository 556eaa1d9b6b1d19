//! Questions about people: who was present, who becomes responsible, who decided.

use zhunsheng_core::authority::{Credential, Post};
use zhunsheng_core::id::{OrganCode, PersonId, PostKind};
use zhunsheng_core::matter::{Fact, kept_from, kept_from_all};
use zhunsheng_core::procedure::{OfficersNeeded, Performer, Procedure, Seat, Step};

use super::{At, Batch, Choice, MannerKind, Need, Question, Widget};

/// A town's code has nine digits (GB/T 10114).
const TOWN_DIGITS: usize = 9;

impl At<'_> {
    pub(super) fn people_questions(&self, step: &Step) -> Vec<Question> {
        let mut questions = Vec::new();
        if let Some(needed) = &step.officers {
            questions.push(self.officers_question(step, needed));
        }
        if step.assigns {
            questions.push(self.assignee_question(Need::Required));
        }
        questions
    }

    /// Officers of the organ, of organs that take part, and of the town's team where it happened (an entrusted body acts for
    /// the organ, 行政处罚法§20), with their certificates; those that do not serve are shown with the reason.
    fn officers_question(&self, step: &Step, needed: &OfficersNeeded) -> Question {
        let registry = self.ground.registry;
        let own = self.ground.state.map(|state| &state.organ).or(self.own_organ());
        let place = self.ground.state.and_then(|state| state.place.as_ref());
        let there = registry.organs().filter(|organ| {
            let town = organ.place.as_ref().filter(|town| town.as_str().len() == TOWN_DIGITS);
            town.zip(place).is_some_and(|(town, place)| place.as_str().starts_with(town.as_str()))
        });
        let joined = self.ground.state.into_iter().flat_map(|state| &state.joined);
        let mut organs: Vec<&OrganCode> = own.into_iter().collect();
        for organ in joined.chain(there.map(|organ| &organ.code)) {
            if !organs.contains(&organ) {
                organs.push(organ);
            }
        }
        let mut choices = Vec::new();
        // Who did what must be done by somebody else is not offered; what happened all the same is recorded.
        let kept = |person| {
            self.manner() != MannerKind::Late && kept_from(step, person, self.ground.state, self.ground.parent)
        };
        let posts = organs.into_iter().flat_map(|organ| registry.posts_in(organ, self.ground.today));
        for post in posts.filter(|post| !kept(post.person)) {
            let held = registry.credentials_of(post.person).iter().filter(|known| known.register == needed.credential);
            let Some(credential) = held.max_by_key(|known| known.last_day) else { continue };
            let value = post.person.to_string();
            if !choices.iter().any(|known: &Choice| known.value == value) {
                let name = registry.person_name(post.person);
                let away = own != Some(&post.organ);
                let title =
                    if away { format!("{name}（{}）", registry.organ_name(&post.organ)) } else { name.to_owned() };
                choices.push(Choice { value, title, note: self.certificate_note(credential) });
            }
        }
        let label = "在场的执法人员";
        let mut question = self.question("officer", label, Need::Required, Widget::Checks(choices));
        question.hint = format!("至少{}人，持有效证件（{}）", needed.min, needed.basis);
        if question.values.is_empty()
            && self.filled.is_none()
            && let Some(post) = self.ground.post.filter(|post| !kept(post.person))
        {
            question.values.push(post.person.to_string());
        }
        question
    }

    fn certificate_note(&self, credential: &Credential) -> String {
        let today = self.ground.today;
        let number = &credential.number;
        match (credential.revoked.filter(|day| today >= *day), credential.last_day) {
            (Some(day), _) => format!("证件{number}已于{}撤销或者停用，不能计入", day.chinese()),
            (None, Some(last)) if today > last => format!("证件{number}已于{}到期，不能计入", last.chinese()),
            (None, Some(last)) => format!("证件{number}，有效期至{}", last.chinese()),
            (None, None) => format!("证件{number}"),
        }
    }

    /// Everybody in an organ that takes part who holds a post that some step asks for and did nothing, in the matter that
    /// opened this one, that keeps them from it.
    pub(super) fn assignee_question(&self, need: Need) -> Question {
        let kinds = kinds_of(self.ground.procedure);
        let mut organs: Vec<&OrganCode> = Vec::new();
        match self.ground.state {
            Some(state) => organs.extend(std::iter::once(&state.organ).chain(&state.joined)),
            None => organs.extend(self.own_organ()),
        }
        // One's own organ first: work stays in the house as a rule.
        organs.sort_by_key(|organ| Some(*organ) != self.own_organ());
        let kept = |person| {
            self.ground.parent.is_some_and(|parent| kept_from_all(self.ground.procedure, person, parent).is_some())
        };
        let batch = |organ: &OrganCode| Batch {
            title: self.ground.registry.organ_name(organ).to_owned(),
            choices: self.people_in(organ, |post| kinds.contains(&&post.kind) && !kept(post.person)),
        };
        let batches = organs.into_iter().map(batch).filter(|batch| !batch.choices.is_empty()).collect();
        self.question("assignee", "承办人", need, Widget::Select(batches))
    }

    pub(super) fn merge_question(&self) -> Question {
        let choices = self.ground.mergeable.clone();
        let batches = vec![Batch { title: String::new(), choices }];
        let mut question = self.question("merge_into", "并入哪一件", Need::Required, Widget::Select(batches));
        "只列出同一程序、同一机关、尚未办结的事项".clone_into(&mut question.hint);
        question
    }

    /// People in posts of an organ, each once.
    pub(super) fn people_in(&self, organ: &OrganCode, fits: impl Fn(&Post) -> bool) -> Vec<Choice> {
        let registry = self.ground.registry;
        let mut choices: Vec<Choice> = Vec::new();
        for post in registry.posts_in(organ, self.ground.today).filter(|post| fits(post)) {
            let value = post.person.to_string();
            if !choices.iter().any(|known| known.value == value) {
                let title =
                    format!("{}（{}）", registry.person_name(post.person), self.ground.law.posts.title(&post.kind));
                choices.push(Choice { value, title, note: String::new() });
            }
        }
        choices
    }

    /// Who decided, on which day, with which original.
    pub(super) fn manner_questions(&self, step: &Step) -> Vec<Question> {
        let manner = self.manner();
        if manner == MannerKind::Live {
            return Vec::new();
        }
        let late = manner == MannerKind::Late;
        let mut questions = Vec::new();
        let need = if step.meeting { Need::When("由个人决定".to_owned()) } else { Need::Required };
        let mut decided = self.question("decided_by", "谁作的决定", need, Widget::Select(self.deciders(step)));
        "在纸上签批的，选签批人；岗位按签批当天核对".clone_into(&mut decided.hint);
        questions.push(decided);
        if step.meeting {
            let line = Widget::Line { sort: "text", mode: "text", size: "", max: 100 };
            let mut meeting = self.question("meeting", "哪次会议", Need::When("由会议决定".to_owned()), line);
            "如：县政府第31次常务会议".clone_into(&mut meeting.hint);
            questions.push(meeting);
        }
        let latest = self.ground.today.to_string();
        let mut day = self.question("day", "决定日期", Need::Required, Widget::Date { latest });
        "法律上作出决定的日期，不是录入日期".clone_into(&mut day.hint);
        questions.push(day);
        if late && !step.issues.is_empty() {
            let line = Widget::Line { sort: "text", mode: "text", size: "input-mid", max: 60 };
            let mut number = self.question("number", "原文书编号", Need::Optional, line);
            "系统外已经编号的照填，本系统不再编号".clone_into(&mut number.hint);
            questions.push(number);
        }
        let mut original = self.file_question("original", "签批原件", Need::Required);
        "扫描件、照片或者OFD".clone_into(&mut original.hint);
        questions.push(original);
        questions
    }

    /// Who could have decided, now or earlier: the engine checks the day.
    fn deciders(&self, step: &Step) -> Vec<Batch> {
        let registry = self.ground.registry;
        let Some(organ) = self.seat(&step.at) else { return Vec::new() };
        let fits = |post: &&Post| {
            post.organ == organ && step.by.iter().any(|by| matches!(by, Performer::Post(kind) if *kind == post.kind))
        };
        let mut choices: Vec<(PersonId, Choice)> = Vec::new();
        for post in registry.posts().filter(fits) {
            let until = post.until.map(|day| format!("，至{day}")).unwrap_or_default();
            let kind = self.ground.law.posts.title(&post.kind);
            let title = format!("{}（{kind}，{}起{until}）", registry.person_name(post.person), post.from);
            if !choices.iter().any(|(known, _)| *known == post.person) {
                choices.push((post.person, Choice { value: post.person.to_string(), title, note: String::new() }));
            }
        }
        vec![Batch {
            title: registry.organ_name(&organ).to_owned(),
            choices: choices.into_iter().map(|(_, c)| c).collect(),
        }]
    }

    fn seat(&self, seat: &Seat) -> Option<OrganCode> {
        let registry = self.ground.registry;
        let holding = self.ground.state.map(|state| &state.organ).or(self.own_organ());
        match seat {
            Seat::Holding => holding.cloned(),
            Seat::Own => self.own_organ().cloned(),
            Seat::Parent => registry.organ(holding?.as_str())?.parent.clone(),
            Seat::Function(function) => registry.organ_with(function).map(|organ| organ.code.clone()),
            Seat::Field(field) => self.ground.state?.fact(field.as_str()).and_then(Fact::code).map(OrganCode::from),
        }
    }
}

fn kinds_of(procedure: &Procedure) -> Vec<&PostKind> {
    let by = procedure.steps.iter().flat_map(|step| &step.by);
    by.filter_map(|performer| match performer {
        Performer::Post(kind) => Some(kind),
        Performer::Citizen | Performer::System => None,
    })
    .collect()
}
