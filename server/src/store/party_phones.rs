//! Which matters carry which mobile number: a projection of sealed values, by a keyed hash. A bare hash of eleven digits is as good as the
//! number; without the county's key this one says nothing.
//!
//! Does not belong here: who may see a matter that carries their number (`app/citizen/`).

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Event;
use zhunsheng_core::text;

use super::digest::unhex;
use super::record::StoredSealed;
use super::{Query, StoreFault, Tx, settings};
use crate::params;

/// What a number is known by.
pub type PhoneHash = [u8; 32];

/// Purpose of the keyed hash.
const PURPOSE: &[u8] = b"citizen-phone\0";

/// A mobile number of the mainland as typed, without spaces, dashes and the country's code; none for anything else, which nobody can
/// have a code sent to.
#[must_use]
pub fn mobile(typed: &str) -> Option<String> {
    let half = text::half_width(typed);
    if half.chars().any(|c| !(c.is_ascii_digit() || c.is_whitespace() || "+-()".contains(c))) {
        return None;
    }
    let digits: String = half.chars().filter(char::is_ascii_digit).collect();
    let number = if digits.len() == 13 { digits.strip_prefix("86")?.to_owned() } else { digits };
    (number.len() == 11 && number.starts_with('1')).then_some(number)
}

/// The hash of a number by a county's key; none if it is no mobile number.
#[must_use]
pub fn hash(key: &[u8; 32], typed: &str) -> Option<PhoneHash> {
    let number = mobile(typed)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(PURPOSE);
    mac.update(number.as_bytes());
    Some(mac.finalize().into_bytes().into())
}

fn key(q: &impl Query, county: &str) -> Result<Option<[u8; 32]>, StoreFault> {
    Ok(settings::find(q, county, settings::SITE_KEY)?.as_deref().and_then(unhex))
}

/// The party whose telephone a label is.
fn party_of(label: &str) -> Option<i64> {
    label.strip_prefix("party.")?.strip_suffix(".phone")?.parse().ok()
}

/// Follows one event of an entry.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    county: &str,
    matter: MatterId,
    event: &Event,
    sealed: &[StoredSealed],
) -> Result<(), StoreFault> {
    match event {
        Event::SealedSet(label) => {
            let Some(party) = party_of(label) else { return Ok(()) };
            let value = sealed.iter().rev().find(|value| value.matter == matter && value.label == *label);
            let typed = value.and_then(|value| value.open.as_ref()).map_or("", |(_, typed)| typed.as_str());
            let key = key(tx, county)?;
            put(tx, county, key.as_ref(), (matter, party), typed)
        }
        Event::SealedCleared(label) => match party_of(label) {
            Some(party) => delete(tx, county, matter, Some(party)),
            None => Ok(()),
        },
        Event::Erased(labels, ..) if labels.is_empty() => delete(tx, county, matter, None),
        Event::Erased(labels, ..) => {
            let parties: Vec<i64> = labels.iter().filter_map(|label| party_of(label)).collect();
            parties.into_iter().try_for_each(|party| delete(tx, county, matter, Some(party)))
        }
        _ => Ok(()),
    }
}

/// Enters the number that a party has now; one that is none takes the one before away.
fn put(
    tx: &mut Tx<'_>,
    county: &str,
    key: Option<&[u8; 32]>,
    (matter, party): (MatterId, i64),
    typed: &str,
) -> Result<(), StoreFault> {
    let Some(hash) = key.and_then(|key| hash(key, typed)) else { return delete(tx, county, matter, Some(party)) };
    tx.send(
        "INSERT INTO party_phone (county_code, matter, ordinal, hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (county_code, matter, ordinal) DO UPDATE SET hash = excluded.hash",
        params![county, &matter.to_bytes(), party, &hash],
    )
}

fn delete(tx: &mut Tx<'_>, county: &str, matter: MatterId, party: Option<i64>) -> Result<(), StoreFault> {
    tx.send(
        "DELETE FROM party_phone WHERE county_code = $1 AND matter = $2 AND ordinal >= $3 AND ordinal <= $4",
        params![county, &matter.to_bytes(), party.unwrap_or(0), party.unwrap_or(i64::MAX)],
    )
}

/// Fills the table from the record's sealed values, for counties that are older than it. A county whose key lies apart (a backup that is
/// being unpacked) is left out; it is filled when the key is back.
pub fn fill(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    let counties = settings::list_counties(tx, settings::SITE_KEY)?;
    counties.iter().try_for_each(|(county, key)| match unhex(key) {
        Some(key) => fill_county(tx, county, &key),
        None => Ok(()),
    })
}

fn fill_county(tx: &mut Tx<'_>, county: &str, key: &[u8; 32]) -> Result<(), StoreFault> {
    let all = tx.query_all(
        "SELECT matter, label, value FROM sealed WHERE county_code = $1 AND label LIKE 'party.%.phone'
         ORDER BY seq, position",
        params![county],
        |row| Ok((row.blob(0)?, row.text(1)?, row.opt_text(2)?)),
    )?;
    for (matter, label, value) in all {
        let Some((matter, party)) = MatterId::from_bytes(&matter).zip(party_of(&label)) else { continue };
        put(tx, county, Some(key), (matter, party), value.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

/// The parties of matters that carry a number: not of work secrets, nor of what may only be stored.
pub fn list_carrying(
    q: &impl Query,
    county: &str,
    hash: &PhoneHash,
    limit: i64,
) -> Result<Vec<(MatterId, i64)>, StoreFault> {
    let found = q.query_all(
        "SELECT p.matter, p.ordinal FROM party_phone p CROSS JOIN matter m
         WHERE p.county_code = $1 AND p.hash = $2 AND m.county_code = p.county_code AND m.id = p.matter AND m.secret = 0
         ORDER BY p.matter DESC LIMIT $3",
        params![county, hash, limit],
        |row| Ok((row.blob(0)?, row.int(1)?)),
    )?;
    Ok(found.into_iter().filter_map(|(matter, party)| Some((MatterId::from_bytes(&matter)?, party))).collect())
}

/// Other matters in which a number of this one stands, the newest first, at most so many for each number; not of work secrets.
pub fn sharing(q: &impl Query, county: &str, matter: MatterId, limit: i64) -> Result<Vec<MatterId>, StoreFault> {
    let sql = "SELECT hash FROM party_phone WHERE county_code = $1 AND matter = $2";
    let hashes = q.query_all(sql, params![county, &matter.to_bytes()], |row| row.blob(0))?;
    let mut found = Vec::new();
    for hash in hashes.iter().filter_map(|hash| PhoneHash::try_from(hash.as_slice()).ok()) {
        found.extend(list_carrying(q, county, &hash, limit)?.into_iter().map(|(other, _)| other));
    }
    found.retain(|other| *other != matter);
    found.sort_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found)
}

/// Whether a matter carries a number, of whichever party.
pub fn carries(q: &impl Query, county: &str, hash: &PhoneHash, matter: MatterId) -> Result<bool, StoreFault> {
    let found = q.query_one(
        "SELECT 1 FROM party_phone WHERE county_code = $1 AND matter = $2 AND hash = $3",
        params![county, &matter.to_bytes(), hash],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

#[cfg(test)]
mod tests {
    use super::{hash, mobile, party_of};

    #[test]
    fn one_number_however_it_is_written() {
        for typed in ["13941002386", " 139-4100-2386", "+86 139 4100 2386", "8613941002386", "１３９４１００２３８６"]
        {
            assert_eq!(mobile(typed).as_deref(), Some("13941002386"), "{typed}");
        }
        for typed in ["", "0410-75812345", "1394100238", "139410023867", "23941002386", "电话13941002386"] {
            assert_eq!(mobile(typed), None, "{typed}");
        }
        let one = hash(&[7; 32], "13941002386");
        assert_eq!(one, hash(&[7; 32], "+86 139 4100 2386"));
        assert!(one.is_some() && one != hash(&[8; 32], "13941002386"), "another county, another hash");
        assert_ne!(one, hash(&[7; 32], "13941002387"));
        assert_eq!(
            (party_of("party.12.phone"), party_of("party.0.name"), party_of("field.phone")),
            (Some(12), None, None)
        );
    }
}
