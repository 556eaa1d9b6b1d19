//! 随机抽取: who is inspected and who inspects (双随机), which files are reviewed, worked out from a seed that nobody chose, so that
//! anybody can work it out again.
//!
//! Each candidate draws a ticket, `SHA-256(seed " " scope " " id)` in hexadecimal; the smallest tickets are drawn. It needs no
//! generator and no order of candidates: `printf '%s' "$seed $scope $id" | sha256sum` is the whole algorithm
//! (docs/decisions/0030-draw.md).
//!
//! Where a draw closes its own list (案卷评查), the seed is [`seed_of`] a secret and the list. The secret is fixed first and only its
//! [`commitment`] is told; then the list is closed, and the secret is told with the result. Whoever closes the list does not know the
//! secret, and whoever made the secret could not know the list. Does not belong here: where seed or secret come from, and who is a
//! candidate.

use std::fmt::Display;

use crate::id::{Digest, MatterId};

/// The name of the algorithm, recorded with each draw.
pub const ALGORITHM: &str = "zhunsheng-draw-1";

/// The scope of tickets that choose what is inspected.
pub const OBJECTS: &str = "objects";

/// The scope of tickets that choose which files are reviewed.
pub const FILES: &str = "files";

/// What is told before a list is closed.
#[must_use]
pub fn commitment(secret: &str) -> Digest {
    Digest::of(format!("zhunsheng draw secret\n{secret}").as_bytes())
}

/// The digest of a list: the same for the same entries, whatever their order.
#[must_use]
pub fn list_digest(keys: &[String]) -> Digest {
    let mut sorted: Vec<&str> = keys.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    Digest::of(format!("zhunsheng draw list\n{}", sorted.join("\n")).as_bytes())
}

/// The seed of a draw from a closed list.
#[must_use]
pub fn seed_of(secret: &str, keys: &[String]) -> Digest {
    Digest::of(format!("zhunsheng draw\n{secret}\n{}", list_digest(keys)).as_bytes())
}

/// A candidate's ticket within a scope.
#[must_use]
pub fn ticket(seed: &Digest, scope: &str, id: impl Display) -> Digest {
    Digest::of(format!("{seed} {scope} {id}").as_bytes())
}

/// At most `wanted` of the candidates, by their tickets, the smallest first. Whoever is named twice has one ticket.
/// A longer draw begins with the shorter one.
#[must_use]
pub fn drawn<K: Display + Ord + Clone>(seed: &Digest, scope: &str, candidates: &[K], wanted: usize) -> Vec<K> {
    let mut tickets: Vec<(Digest, &K)> = candidates.iter().map(|id| (ticket(seed, scope, id), id)).collect();
    tickets.sort_unstable();
    tickets.dedup();
    tickets.into_iter().take(wanted).map(|(_, id)| id.clone()).collect()
}

/// What stands between a candidate and the number of one of its further tickets in a list.
const FURTHER: char = '*';

/// The entries of a list for a candidate with so many tickets: itself, `id*2`, `id*3` …
pub fn entries(id: &str, tickets: usize) -> impl Iterator<Item = String> {
    let further = (2..=tickets).map(move |n| format!("{id}{FURTHER}{n}"));
    std::iter::once(id.to_owned()).chain(further)
}

/// The candidates of a list in which some have several tickets: each once.
#[must_use]
pub fn candidates(list: &[String]) -> Vec<&str> {
    let mut all: Vec<&str> = list.iter().map(|entry| owner(entry)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn owner(entry: &str) -> &str {
    entry.split_once(FURTHER).map_or(entry, |(id, _)| id)
}

/// At most `wanted` candidates of such a list, each by the smallest of its tickets.
#[must_use]
pub fn drawn_weighted(seed: &Digest, scope: &str, list: &[String], wanted: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in drawn(seed, scope, list, list.len()) {
        if found.len() == wanted {
            break;
        }
        let id = owner(&entry);
        if !found.iter().any(|known| known == id) {
            found.push(id.to_owned());
        }
    }
    found
}

/// What is inspected, each with its inspectors: theirs are drawn anew for each, with the object's id as the scope.
#[must_use]
pub fn paired(
    seed: &Digest,
    objects: &[MatterId],
    inspectors: &[MatterId],
    wanted: usize,
    each: usize,
) -> Vec<(MatterId, Vec<MatterId>)> {
    let chosen = drawn(seed, OBJECTS, objects, wanted);
    chosen.into_iter().map(|object| (object, drawn(seed, &object.to_string(), inspectors, each))).collect()
}

#[cfg(test)]
mod tests {
    use super::{OBJECTS, candidates, drawn, drawn_weighted, entries, paired, ticket};
    use crate::id::{Digest, MatterId};
    use std::collections::BTreeMap;

    fn ids(many: u128) -> Vec<MatterId> {
        (1..=many).map(MatterId).collect()
    }

    fn seed(n: u32) -> Digest {
        Digest::of(&n.to_be_bytes())
    }

    /// Worked out by `printf '%s' "…" | sha256sum`, without this program.
    #[test]
    fn a_ticket_is_the_hash_of_what_anybody_can_print() {
        let seed = Digest::of(b"");
        assert_eq!(seed.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(MatterId(1).to_string(), TICKET_ID);
        assert_eq!(ticket(&seed, OBJECTS, MatterId(1)).to_string(), TICKET);
    }

    const TICKET_ID: &str = "00000000000000000000000001";
    const TICKET: &str = "64bff271e639a879fd8ea212df728b583df5fc78733aa42a3a13d3f9e1a7aa3c";

    #[test]
    fn the_order_of_candidates_and_doubles_change_nothing() {
        let (objects, inspectors) = (ids(60), ids(9));
        let first = paired(&seed(7), &objects, &inspectors, 20, 2);
        let mut turned: Vec<MatterId> = objects.iter().rev().copied().collect();
        turned.extend(&objects[..5]);
        assert_eq!(paired(&seed(7), &turned, &inspectors, 20, 2), first);
        assert_eq!(first.len(), 20);
        assert!(first.iter().all(|(_, two)| two.len() == 2 && two[0] != two[1]));
        assert_ne!(paired(&seed(8), &objects, &inspectors, 20, 2), first);
    }

    #[test]
    fn who_has_more_tickets_is_drawn_more_often_and_never_twice() {
        let plain: Vec<String> = (1..=20).map(|n| MatterId(n).to_string()).collect();
        let heavy = &plain[0];
        let list: Vec<String> = plain.iter().flat_map(|id| entries(id, if id == heavy { 3 } else { 1 })).collect();
        assert_eq!((list.len(), candidates(&list).len()), (22, 20));
        let mut hits = 0;
        for n in 0..1_000 {
            let found = drawn_weighted(&seed(n), "files", &list, 5);
            let once: std::collections::BTreeSet<&String> = found.iter().collect();
            assert_eq!((found.len(), once.len()), (5, 5));
            hits += usize::from(found.contains(heavy));
        }
        // One ticket of twenty: 250 of 1,000; three tickets: about 560.
        assert!((480..640).contains(&hits), "{hits}");
        // A list without further tickets is drawn as before.
        assert_eq!(drawn_weighted(&seed(3), "files", &plain, 5), drawn(&seed(3), "files", &plain, 5));
    }

    #[test]
    fn fewer_candidates_than_wanted_are_all_drawn() {
        assert_eq!(drawn(&seed(1), OBJECTS, &ids(3), 10).len(), 3);
        assert!(drawn::<MatterId>(&seed(1), OBJECTS, &[], 10).is_empty());
    }

    /// Over 2,000 seeds each of 20 candidates is drawn 500 times, give or take: χ² with 19 degrees of freedom stays below 43.8,
    /// which chance passes once in a thousand times; the seeds are fixed, so the test says the same every time.
    #[test]
    fn every_candidate_has_the_same_chance() {
        let candidates = ids(20);
        let mut seen: BTreeMap<MatterId, i64> = BTreeMap::new();
        for n in 0..2_000 {
            for id in drawn(&seed(n), OBJECTS, &candidates, 5) {
                *seen.entry(id).or_default() += 1;
            }
        }
        let squares: i64 =
            candidates.iter().map(|id| seen.get(id).copied().unwrap_or(0) - 500).map(|off| off * off).sum();
        assert!(squares * 10 < 438 * 500, "χ² = {}/500", squares);
    }

    /// A pair of inspectors meets an object no more often than any other pair.
    #[test]
    fn every_pair_of_inspectors_is_as_likely() {
        let inspectors = ids(4);
        let mut pairs: BTreeMap<Vec<MatterId>, i64> = BTreeMap::new();
        for n in 0..3_000 {
            for (_, mut pair) in paired(&seed(n), &ids(1), &inspectors, 1, 2) {
                pair.sort_unstable();
                *pairs.entry(pair).or_default() += 1;
            }
        }
        assert_eq!(pairs.len(), 6);
        let squares: i64 = pairs.values().map(|seen| (seen - 500) * (seen - 500)).sum();
        assert!(squares * 10 < 205 * 500, "χ² = {squares}/500");
    }
}
