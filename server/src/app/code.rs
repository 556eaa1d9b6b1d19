//! Codes of six digits: sent to an address, typed by who reads what arrives there. Kept as a seal by the county's key, compared in constant
//! time, good for ten minutes and five tries; so many a day and no more.
//!
//! Does not belong here: how a code is sent, and what it opens.

use super::App;
use super::fault::Fault;
use super::secret::{Key, random};
use crate::store::codes::{self, StoredCode};
use crate::store::{StoreFault, Tx};

/// A code is good for so long.
const LIFE_MINUTES: i64 = 10;
const LIFE_SECONDS: i64 = LIFE_MINUTES * 60;
/// The next one may be asked for after this.
const AGAIN_SECONDS: i64 = 60;
/// Tries at one code.
const TRIES_MAX: i64 = 5;
/// Codes for one subject within a day of the first.
const A_DAY_MAX: i64 = 5;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Purpose of the seal.
const PURPOSE: &str = "one-time-code";

/// What came of a code that was asked for or typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Right; it is used up.
    Right,
    /// Wrong; it may be tried again.
    Wrong,
    /// There is none, it is too old, or it was tried too often: a new one is needed.
    Gone,
    /// One was sent a moment ago.
    Wait,
    /// Too many today.
    TooMany,
}

impl Said {
    /// As a person is told.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Right => "核对无误。",
            Self::Wrong => "核对码不对，请再输一次。",
            Self::Gone => "核对码已经失效，请重新发送一个。",
            Self::Wait => "刚刚发送过，请过一分钟再试。",
            Self::TooMany => "今天发送的次数已经用完，请明天再试。",
        }
    }
}

/// Whose codes are counted together, and to which address this one goes: changing the address does not begin the count anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Aim {
    /// Whose, and for what.
    pub subject: [u8; 32],
    /// Where to.
    pub address: String,
}

impl Aim {
    fn message(&self, code: &str) -> Vec<u8> {
        [self.subject.as_slice(), code.as_bytes(), b"|", self.address.as_bytes()].concat()
    }
}

/// Makes a code for a subject. The inner error says why there is none.
fn issue(tx: &mut Tx<'_>, county: &str, key: &Key, aim: &Aim, now: i64) -> Result<Result<String, Said>, StoreFault> {
    codes::prune(tx, county, now - DAY_SECONDS)?;
    let before = codes::find(tx, county, &aim.subject)?;
    match before {
        Some(before) if now < before.made + AGAIN_SECONDS => return Ok(Err(Said::Wait)),
        Some(before) if before.issued >= A_DAY_MAX => return Ok(Err(Said::TooMany)),
        _ => {}
    }
    let code = format!("{:06}", u32::from_be_bytes(random()) % 1_000_000);
    let seal = key.seal(PURPOSE, &aim.message(&code));
    let (issued, first) = before.map_or((1, now), |before| (before.issued + 1, before.first));
    codes::put(tx, county, &aim.subject, &StoredCode { seal, made: now, tries: 0, issued, first })?;
    Ok(Ok(code))
}

impl App {
    /// A new code in the words of its message; `purpose` says what it opens, ending in a stop. The inner error is a sentence.
    pub(super) async fn code_message(&self, aim: Aim, purpose: &str) -> Result<Result<String, String>, Fault> {
        let (county, key, now) = (self.county_code.clone(), self.site_key.clone(), self.machine.seconds());
        let issued = self.db.write(move |tx| issue(tx, &county, &key, &aim, now).map_err(Fault::from)).await?;
        Ok(issued.map_err(|said| said.sentence().to_owned()).map(|code| {
            format!(
                "【{}法治政府平台】核对码{code}，{LIFE_MINUTES}分钟内有效，{purpose}不是您本人操作的，请不用理会。",
                self.county_name
            )
        }))
    }
}

/// Judges what was typed, in the writer: a hundred tries at once are still one by one.
pub fn check(
    tx: &mut Tx<'_>,
    county: &str,
    key: &Key,
    aim: &Aim,
    (typed, now): (&str, i64),
) -> Result<Said, StoreFault> {
    let Some(stored) = codes::find(tx, county, &aim.subject)? else { return Ok(Said::Gone) };
    if now >= stored.made + LIFE_SECONDS || stored.tries >= TRIES_MAX {
        return Ok(Said::Gone);
    }
    let mut tries = stored.tries + 1;
    let right = key.verify(PURPOSE, &aim.message(typed.trim()), &stored.seal);
    if right {
        // Used up, and still counted among those of the day.
        tries = TRIES_MAX;
    }
    codes::put(tx, county, &aim.subject, &StoredCode { tries, ..stored })?;
    Ok(if right { Said::Right } else { Said::Wrong })
}
