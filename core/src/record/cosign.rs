//! Cosignatures (C2SP tlog-cosignature, `cosignature/v1`): an outsider's dated word that, as of that second, this is the largest
//! tree of that log which it has seen, and that it continues every tree which it signed before.
//!
//! The whole note text is signed, extension lines with it. Whether a witness *may* sign is decided in [`super::witness`].

use std::fmt;

use zeroize::Zeroizing;

use super::crypto::{Suite, module};
use super::note::{NoteError, is_name, key_id, parts, read_key, signature_line, signature_of, write_key};

/// Cosignatures by Ed25519 in key ids and encoded keys.
const COSIGNATURE: &[u8] = &[4];
/// What the specification has witnesses sign with.
const SUITE: Suite = Suite::Sha256;
/// Before the secret of a key in a file.
const PRIVATE: &str = "PRIVATE+KEY+";

/// What is signed: the header, the time, the note's text with its last line break.
fn message(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// The public key of a witness: `name+id+key` as people hand it on.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    id: [u8; 4],
    key: Vec<u8>,
}

impl WitnessKey {
    fn new(name: &str, key: Vec<u8>) -> Option<Self> {
        let sound = is_name(name) && module().is_public(SUITE, &key);
        sound.then(|| Self { name: name.to_owned(), id: key_id(SUITE, name, COSIGNATURE, &key), key })
    }

    /// Reads `name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = read_key(text.trim(), COSIGNATURE).ok_or(NoteError::Key)?;
        Self::new(&name, bytes.to_vec()).filter(|key| key.id == id).ok_or(NoteError::Key)
    }

    /// The witness's name in its lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When this witness signed the note, in seconds since 1970.
    ///
    /// Errors: [`NoteError::OtherKey`] without a line of this key, [`NoteError::Signature`] if it does not hold,
    /// [`NoteError::Format`] if this is no note.
    pub fn verify(&self, note: &str) -> Result<u64, NoteError> {
        let (text, lines) = parts(note)?;
        let bytes = signature_of(lines, &self.name, self.id)?.ok_or(NoteError::OtherKey)?;
        let (time, signature) = bytes.split_first_chunk::<8>().ok_or(NoteError::Signature)?;
        let seconds = u64::from_be_bytes(*time);
        let holds = module().verify(SUITE, &self.key, &message(seconds, text), signature);
        if holds && i64::try_from(seconds).is_ok() { Ok(seconds) } else { Err(NoteError::Signature) }
    }

    /// This witness's line among those that somebody answered, and when it was signed: the first one that holds for the note.
    pub fn pick(&self, note: &str, answer: &str) -> Option<(String, u64)> {
        let (text, _) = parts(note).ok()?;
        answer
            .split_inclusive('\n')
            .find_map(|line| Some((line.to_owned(), self.verify(&format!("{text}\n{line}")).ok()?)))
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_key(&self.name, self.id, COSIGNATURE, &self.key))
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The key with which a witness signs. Wiped from memory when dropped.
pub struct WitnessSigner {
    public: WitnessKey,
    secret: Zeroizing<[u8; 32]>,
}

impl WitnessSigner {
    /// A key from thirty-two random bytes. None if the name cannot name a witness (white space, `+`).
    pub fn new(name: &str, seed: &[u8; 32]) -> Option<Self> {
        let public = WitnessKey::new(name, module().public(SUITE, seed)?)?;
        Some(Self { public, secret: Zeroizing::new(*seed) })
    }

    /// Reads `PRIVATE+KEY+name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text.trim().strip_prefix(PRIVATE).ok_or(NoteError::Key)?;
        let (name, id, bytes) = read_key(rest, COSIGNATURE).ok_or(NoteError::Key)?;
        let seed: Option<Zeroizing<[u8; 32]>> = bytes.as_slice().try_into().ok().map(Zeroizing::new);
        let signer = seed.and_then(|seed| Self::new(&name, &seed));
        signer.filter(|signer| signer.public.id == id).ok_or(NoteError::Key)
    }

    /// The secret, as it is kept in a file.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(write_key(&self.public.name, self.public.id, COSIGNATURE, self.secret.as_slice()));
        Zeroizing::new(format!("{PRIVATE}{}", *text))
    }

    /// What others verify with.
    pub fn public(&self) -> WitnessKey {
        self.public.clone()
    }

    /// The signature line over a note. Errors: [`NoteError::Format`] if this is no note, [`NoteError::Unsigned`] if the module
    /// does not sign.
    pub fn cosign(&self, note: &str, seconds: u64) -> Result<String, NoteError> {
        let (text, _) = parts(note)?;
        let signature = module().sign(SUITE, &self.secret, &message(seconds, text)).ok_or(NoteError::Unsigned)?;
        let bytes = [seconds.to_be_bytes().as_slice(), &signature].concat();
        Ok(signature_line(&self.public.name, self.public.id, &bytes))
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessSigner({})", self.public.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::crypto::Both;
    use crate::record::note::{Checkpoint, LogSigner};

    #[test]
    fn a_cosignature_made_by_others_verifies() {
        // A checkpoint of a public certificate log and the line of a public witness, as published.
        let key = "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G";
        let witness = WitnessKey::parse(key).unwrap();
        assert_eq!(witness.to_string(), key);
        let note = "coachandhorses2026h1.staging.certificate.transparency.goog\n185550722\n\
            YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n\n\
            — coachandhorses2026h1.staging.certificate.transparency.goog MpXgsHy8ZwxXnO+WjtVrPxAzL49Rs1gWTkNVNeEa//5peAzaocRCB3qt3EaibjzY5GILLtGgBP7dBhgcSHy+JQh0OAc=\n\
            — witness.navigli.sunlight.geomys.org o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==\n";
        assert_eq!(witness.verify(note), Ok(1_785_704_691));
        assert_eq!(witness.verify(&note.replace("185550722", "185550723")), Err(NoteError::Signature));
    }

    fn signer(seed: u8) -> WitnessSigner {
        WitnessSigner::new("县档案馆", &[seed; 32]).unwrap()
    }

    fn checkpoint(size: u64) -> String {
        LogSigner::new(SUITE, "zhunsheng/211224", &[9; 32])
            .unwrap()
            .sign(size, &Both::hash(&[&size.to_be_bytes()]))
            .unwrap()
    }

    #[test]
    fn a_cosignature_holds_for_its_key_time_and_note_only() {
        let (one, two) = (signer(1), signer(2));
        let note = checkpoint(7);
        let cosigned = note.clone() + &one.cosign(&note, 1_700_000_000).unwrap() + &two.cosign(&note, 5).unwrap();
        assert_eq!(one.public().verify(&cosigned), Ok(1_700_000_000));
        assert_eq!(two.public().verify(&cosigned), Ok(5));
        assert_eq!(signer(3).public().verify(&cosigned), Err(NoteError::OtherKey));
        assert_eq!(one.public().verify(&note), Err(NoteError::OtherKey));
        let log = LogSigner::new(SUITE, "zhunsheng/211224", &[9; 32]).unwrap().public().clone();
        assert_eq!(Checkpoint::open(&cosigned, &log).unwrap().size, 7, "the log's own signature still holds");
        // The line of one note under another, and a time after the end of time.
        let moved = checkpoint(8) + &one.cosign(&note, 1).unwrap();
        assert_eq!(one.public().verify(&moved), Err(NoteError::Signature));
        let endless = note.clone() + &one.cosign(&note, u64::MAX).unwrap();
        assert_eq!(one.public().verify(&endless), Err(NoteError::Signature));
        // Extension lines are covered.
        let extended = note.replacen("\n\n", "\nSM3 AAAA\n\n", 1);
        let signed = extended.clone() + &one.cosign(&extended, 9).unwrap();
        assert_eq!(one.public().verify(&signed), Ok(9));
        assert_eq!(one.public().verify(&signed.replace("AAAA", "AAAB")), Err(NoteError::Signature));
        assert!(one.cosign("no note", 1).is_err());
        // Of an answer only the line that holds is taken.
        let line = one.cosign(&note, 7).unwrap();
        let answer = two.cosign(&note, 6).unwrap() + &one.cosign(&checkpoint(8), 9).unwrap() + &line;
        assert_eq!(one.public().pick(&note, &answer), Some((line, 7)));
        assert_eq!(signer(3).public().pick(&note, &answer), None);
        assert_eq!(one.public().pick(&note, "没有签"), None);
    }

    #[test]
    fn keys_survive_their_text_and_are_not_those_of_a_log() {
        let signer = signer(7);
        assert_eq!(WitnessSigner::parse(&signer.secret_text()).unwrap().public(), signer.public());
        let text = signer.public().to_string();
        assert_eq!(WitnessKey::parse(&text).unwrap(), signer.public());
        assert_eq!(format!("{signer:?}"), "WitnessSigner(县档案馆)", "no secret in logs");
        let log = LogSigner::new(SUITE, "zhunsheng/211224", &[7; 32]).unwrap();
        for bad in ["", "a+b", &log.public().to_string(), &signer.secret_text(), &text.replace('+', "-")] {
            assert_eq!(WitnessKey::parse(bad), Err(NoteError::Key), "{bad}");
        }
        assert!(WitnessSigner::parse(&log.secret_text()).is_err());
        assert!(WitnessSigner::new("a b", &[0; 32]).is_none());
    }

    proptest! {
        #[test]
        fn no_changed_cosignature_verifies(size: u64, seconds in 0u64..1 << 40, at: usize, with: char) {
            let note = checkpoint(size);
            let cosigned = note.clone() + &signer(1).cosign(&note, seconds).unwrap();
            let mut chars: Vec<char> = cosigned.chars().collect();
            // The log's own line is not covered by a cosignature.
            let covered: Vec<usize> = (0..chars.len()).filter(|at| {
                let line = cosigned.chars().take(*at).filter(|c| *c == '\n').count();
                line != 5
            }).collect();
            let at = covered[at % covered.len()];
            let before = std::mem::replace(&mut chars[at], with);
            let changed: String = chars.into_iter().collect();
            prop_assert_eq!(signer(1).public().verify(&changed).is_ok(), before == with);
        }
    }
}
