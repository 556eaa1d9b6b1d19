//! What a post sees, as a condition for the query: authority is applied there, never in a template.

use zhunsheng_core::authority::{Post, Reach, Registry, Scope};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::MatterState;

use crate::store::seeing::SightFilter;

/// The sight of a post. A post that is not held any more sees nothing: callers pass only held posts.
#[must_use]
pub fn of_post(law: &Law, registry: &Registry, post: &Post) -> SightFilter {
    let mut filter = SightFilter::default();
    let Some(definition) = law.posts.get(post.kind.as_str()) else { return filter };
    for sight in &definition.sees {
        let mut procedures: Vec<String> = law
            .procedures()
            .filter(|procedure| match &sight.scope {
                Scope::One(id) => procedure.id == *id,
                _ if procedure.private && sight.reach != Reach::Own => false,
                Scope::All => true,
                Scope::Part(part) => procedure.part == *part,
            })
            .map(|procedure| procedure.id.to_string())
            .collect();
        procedures.sort();
        procedures.dedup();
        match sight.reach {
            Reach::County => filter.county.extend(procedures),
            Reach::Own => filter.organs.push((vec![post.organ.to_string()], procedures)),
            Reach::Below => {
                let organs = registry.with_below(&post.organ).map(|organ| organ.code.to_string()).collect();
                filter.organs.push((organs, procedures));
            }
        }
    }
    filter.county.sort();
    filter.county.dedup();
    filter
}

/// Whose matters of a procedure are seen: all, those of some organs, or none.
#[must_use]
pub fn organs_seen(filter: &SightFilter, procedure: &str) -> Option<Option<Vec<String>>> {
    let named = |procedures: &[String]| procedures.iter().any(|known| known == procedure);
    if named(&filter.county) {
        return Some(None);
    }
    let seen = filter.organs.iter().filter(|(_, procedures)| named(procedures));
    let organs: Vec<String> = seen.flat_map(|(organs, _)| organs.iter().cloned()).collect();
    (!organs.is_empty()).then_some(Some(organs))
}

/// The same condition for one matter that is already in hand.
#[must_use]
pub fn sees(filter: &SightFilter, state: &MatterState) -> bool {
    let of = |procedures: &[String]| procedures.iter().any(|procedure| procedure == state.procedure.as_str());
    of(&filter.county)
        || filter.organs.iter().any(|(organs, procedures)| {
            of(procedures) && organs.iter().any(|organ| state.involves(&organ.as_str().into()))
        })
}
