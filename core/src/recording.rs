//! 音像记录事项清单 (`law/recording.toml`): which steps are to be recorded in sound and picture, and for which of them a file lacks.
//!
//! Does not belong here: what is refused for it (nothing is), whose page it is on.

use crate::basis::Basis;
use crate::id::StepId;
use crate::law::LawError;
use crate::matter::Event;
use crate::procedure::Procedure;

/// The file it stands in.
pub const FILE: &str = "recording.toml";

/// The list.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Where it stands.
    pub basis: Basis,
    /// What of it is a setting.
    pub configurable: String,
    /// Its lines.
    #[serde(rename = "scene")]
    pub scenes: Vec<Scene>,
}

/// What is recorded.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// The procedure.
    pub procedure: String,
    /// The steps.
    pub steps: Vec<StepId>,
    /// 记录环节.
    pub title: String,
    /// The kind of document that the recording is.
    pub evidence: String,
    /// From where to where, what has to be seen.
    pub content: String,
    /// How long it is kept.
    pub kept: String,
}

/// A step that was taken and is on the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded<'a> {
    /// What is recorded.
    pub scene: &'a Scene,
    /// The step.
    pub step: StepId,
    /// The entry in which it was taken.
    pub entry: i64,
    /// The entry with its recording; none: there is a gap.
    pub file: Option<i64>,
}

impl Recording {
    /// Reads the file.
    ///
    /// # Errors
    /// Unknown keys, a scene without a step.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        match read.scenes.iter().find(|scene| scene.steps.is_empty()) {
            Some(scene) => Err(LawError::plain(file, format!("scene `{}` has no step", scene.title))),
            None => Ok(read),
        }
    }

    /// What the scenes name and nobody has.
    pub fn problems<'a>(&self, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let known: Vec<&Procedure> = procedures.collect();
        let of_scene = |scene: &Scene| {
            let Some(procedure) = known.iter().find(|known| known.id.as_str() == scene.procedure) else {
                return vec![format!("procedure `{}`", scene.procedure)];
            };
            let steps = scene.steps.iter().filter(|step| procedure.step(step.as_str()).is_none());
            let mut lost: Vec<String> = steps.map(|step| format!("step `{step}` of `{}`", scene.procedure)).collect();
            if !procedure.evidence.iter().any(|(kind, _)| kind.as_str() == scene.evidence) {
                lost.push(format!("kind of document `{}` of `{}`", scene.evidence, scene.procedure));
            }
            lost
        };
        let lost = self.scenes.iter().flat_map(of_scene);
        lost.map(|what| LawError::plain(FILE, format!("there is no {what}"))).collect()
    }

    /// Every step of a matter that is on the list, with its recording. A file that came with a step is that step's; one that came
    /// later is that of the earliest step before it that has none.
    pub fn of<'a>(&'a self, procedure: &str, events: &[(i64, Event)]) -> Vec<Recorded<'a>> {
        let scenes: Vec<&Scene> = self.scenes.iter().filter(|scene| scene.procedure == procedure).collect();
        let mut found: Vec<Recorded<'a>> = Vec::new();
        for (entry, event) in events {
            match event {
                Event::Taken(taken) => {
                    let scene = scenes.iter().find(|scene| scene.steps.contains(&taken.step));
                    found.extend(scene.map(|scene| Recorded {
                        scene,
                        step: taken.step.clone(),
                        entry: *entry,
                        file: None,
                    }));
                }
                Event::Withdrawn(step) => {
                    if let Some(at) = found.iter().rposition(|one| one.step == *step) {
                        found.remove(at);
                    }
                }
                _ => {}
            }
        }
        for (entry, event) in events {
            let Event::EvidenceAttached { kind, .. } = event else { continue };
            let open = |one: &Recorded<'_>| one.file.is_none() && one.scene.evidence == kind.as_str();
            let own = found.iter().position(|one| open(one) && one.entry == *entry);
            let at = own.or_else(|| found.iter().position(|one| open(one) && one.entry < *entry));
            if let Some(one) = at.and_then(|at| found.get_mut(at)) {
                one.file = Some(*entry);
            }
        }
        found
    }
}
