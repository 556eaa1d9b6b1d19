//! How often one address may do something: token buckets in memory, bounded, forgotten at restart.
//!
//! A whole county government may share one address, so the lanes are generous and a successful sign-in gives its
//! token back.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Addresses remembered at most; beyond that the least used are forgotten.
const BUCKETS_MAX: usize = 20_000;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Any request.
    Request,
    /// An attempt to sign in.
    SignIn,
    /// A form from somebody who is not signed in.
    AnonymousForm,
    /// A file of somebody who is not known: it is kept.
    File,
    /// A code by short message: each costs money, and thousands of telephones share a carrier's address.
    Code,
}

/// A bucket's size and refill.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Tokens when full.
    pub burst: u32,
    /// One token comes back every so many milliseconds; zero: no limit.
    pub refill_ms: u32,
}

/// The rules of all lanes.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Any request.
    pub request: Rule,
    /// Signing in: spraying many accounts from one address stops at the 26th wrong password.
    pub sign_in: Rule,
    /// Anonymous forms.
    pub anonymous_form: Rule,
    /// Codes by short message.
    pub code: Rule,
    /// Files of people who are not known.
    pub file: Rule,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            request: Rule { burst: 2_000, refill_ms: 5 },
            sign_in: Rule { burst: 25, refill_ms: 12_000 },
            anonymous_form: Rule { burst: 30, refill_ms: 6_000 },
            code: Rule { burst: 20, refill_ms: 30_000 },
            file: Rule { burst: 60, refill_ms: 30_000 },
        }
    }
}

impl Rules {
    /// No limits: load tests.
    #[must_use]
    pub fn none() -> Self {
        let free = Rule { burst: 0, refill_ms: 0 };
        Self { request: free, sign_in: free, anonymous_form: free, code: free, file: free }
    }
    fn of(&self, lane: Lane) -> Rule {
        match lane {
            Lane::Request => self.request,
            Lane::SignIn => self.sign_in,
            Lane::AnonymousForm => self.anonymous_form,
            Lane::Code => self.code,
            Lane::File => self.file,
        }
    }
}

/// Come back after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// At least one.
    pub seconds: u64,
}

/// The buckets.
#[derive(Debug, Default)]
pub struct Limits {
    rules: Rules,
    buckets: Mutex<HashMap<(Lane, IpAddr), Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Milliseconds of refill in hand; a token costs `refill_ms`.
    credit_ms: i64,
    at_ms: i64,
}

impl Limits {
    /// Buckets under other rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules, buckets: Mutex::default() }
    }

    /// Takes a token. `now_ms` is machine time.
    pub fn take(&self, lane: Lane, address: IpAddr, now_ms: i64) -> Result<(), Wait> {
        let rule = self.rules.of(lane);
        let price = i64::from(rule.refill_ms);
        // The machine itself is the reverse proxy, or a measurement: only the costly lanes count there.
        if price == 0 || (lane == Lane::Request && address.is_loopback()) {
            return Ok(());
        }
        let full = price.saturating_mul(i64::from(rule.burst));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            shed(&mut buckets, now_ms);
        }
        let bucket = buckets.entry((lane, place(address))).or_insert(Bucket { credit_ms: full, at_ms: now_ms });
        let passed = now_ms.saturating_sub(bucket.at_ms).max(0);
        bucket.credit_ms = bucket.credit_ms.saturating_add(passed).min(full);
        bucket.at_ms = now_ms;
        if bucket.credit_ms >= price {
            bucket.credit_ms -= price;
            return Ok(());
        }
        let missing_ms = price - bucket.credit_ms;
        Err(Wait { seconds: u64::try_from(missing_ms.saturating_add(999) / 1_000).unwrap_or(1).max(1) })
    }

    /// Gives a token back.
    pub fn give_back(&self, lane: Lane, address: IpAddr) {
        let price = i64::from(self.rules.of(lane).refill_ms);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&(lane, place(address))) {
            bucket.credit_ms = bucket.credit_ms.saturating_add(price);
        }
    }
}

/// Keeps only what was used in the last minute; if that is still too much, starts again.
fn shed(buckets: &mut HashMap<(Lane, IpAddr), Bucket>, now_ms: i64) {
    buckets.retain(|_, bucket| bucket.at_ms > now_ms.saturating_sub(60_000));
    if buckets.len() >= BUCKETS_MAX {
        tracing::warn!("too many addresses to limit one by one: buckets emptied");
        buckets.clear();
    }
}

/// One IPv6 household has 2⁶⁴ addresses: it counts as one.
fn place(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, Limits, Wait};

    #[test]
    fn a_bucket_empties_and_refills() {
        let limits = Limits::default();
        let here = "10.1.2.3".parse().unwrap();
        for _ in 0..25 {
            assert_eq!(limits.take(Lane::SignIn, here, 0), Ok(()));
        }
        assert_eq!(limits.take(Lane::SignIn, here, 0), Err(Wait { seconds: 12 }));
        assert_eq!(limits.take(Lane::SignIn, "10.1.2.4".parse().unwrap(), 0), Ok(()), "others go on");
        assert_eq!(limits.take(Lane::SignIn, here, 12_000), Ok(()));
        limits.give_back(Lane::SignIn, here);
        assert_eq!(limits.take(Lane::SignIn, here, 12_000), Ok(()));
    }

    #[test]
    fn one_household_is_one_address() {
        let limits = Limits::default();
        for n in 0..25 {
            let neighbour = format!("2001:db8::{n:x}").parse().unwrap();
            assert_eq!(limits.take(Lane::SignIn, neighbour, 0), Ok(()));
        }
        assert!(limits.take(Lane::SignIn, "2001:db8::ffff".parse().unwrap(), 0).is_err());
    }
}
