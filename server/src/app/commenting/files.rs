//! The files of a draft that everybody may have: those of the version that goes out, each once, whoever looks at them.
//!
//! Does not belong here: how a file is kept and sent (`app/evidence.rs`, `web/download.rs`).

use zhunsheng_core::id::Digest;
use zhunsheng_core::matter::{Event, EvidenceRef, Fact, MatterState};
use zhunsheng_core::text;

use crate::app::evidence;
use crate::store::record::StoredSealed;
use crate::store::{Query, StoreFault, record};

/// The steps that bring a version of the draft.
const PREPARED: [&str; 2] = ["prepare", "prepare_again"];
/// The files of a draft that everybody may have, and the step before which they have to be there: they are looked at before it.
const PUBLIC_FILE: &str = "public_file";
const PUBLISH: &str = "publish";

/// A file that was published with a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicFile {
    /// Which.
    pub digest: Digest,
    /// What it is saved as.
    pub name: String,
    /// What it is: PDF.
    pub kind: String,
    /// The media type.
    pub media: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The files that go out with a draft, or went out with it: those of the last version that brought any, if it says that it has some. What a
/// later version replaced or took back stays unpublished, and what is attached afterwards nobody has looked at.
pub fn going_out<'s>(q: &impl Query, code: &str, state: &'s MatterState) -> Result<Vec<&'s EvidenceRef>, StoreFault> {
    let public = |file: &&EvidenceRef| file.kind.as_str() == PUBLIC_FILE && file.gone != Some(true);
    let has_some = state.fact("with_file") == Some(&Fact::Bool(true));
    if !has_some || !state.evidence.iter().any(|file| public(&file)) {
        return Ok(Vec::new());
    }
    let mut before: Vec<Digest> = Vec::new();
    for (_, entry) in record::entries_of(q, code, state.id)? {
        if entry.step.as_str() == PUBLISH {
            break;
        }
        let brought = entry.events.iter().filter_map(|(_, event)| match event {
            Event::EvidenceAttached { kind, digest, .. } if kind.as_str() == PUBLIC_FILE => Some(*digest),
            _ => None,
        });
        let brought: Vec<Digest> = brought.collect();
        // What a step of its own attaches comes beside what there is.
        if PREPARED.contains(&entry.step.as_str()) && !brought.is_empty() {
            before.clear();
        }
        before.extend(brought);
    }
    let mut files: Vec<&EvidenceRef> = Vec::new();
    for file in state.evidence.iter().filter(public).filter(|file| before.contains(&file.digest)) {
        // The same file may come with one version and again with the next.
        if !files.iter().any(|known| known.digest == file.digest) {
            files.push(file);
        }
    }
    Ok(files)
}

/// The same, as the public reads them.
pub(super) fn published(
    q: &impl Query,
    code: &str,
    state: &MatterState,
    sealed: &[StoredSealed],
) -> Result<Vec<PublicFile>, StoreFault> {
    let named = |(n, file): (usize, &EvidenceRef)| {
        let ending = evidence::ending_of(&file.media);
        let name = Some(record::opened(sealed, &file.name_label())).filter(|name| !name.is_empty());
        PublicFile {
            digest: file.digest,
            name: name.map_or_else(|| format!("草案{}.{ending}", n + 1), text::mask_numbers),
            kind: ending.to_uppercase(),
            media: file.media.clone(),
            bytes: file.bytes,
        }
    };
    Ok(going_out(q, code, state)?.into_iter().enumerate().map(named).collect())
}
