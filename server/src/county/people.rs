//! Invented persons and enterprises: names by generation, identity numbers and telephone numbers that cannot be anybody's.
//!
//! Does not belong here: who holds which post (`registers.rs`).

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::matter::PartyInput;
use zhunsheng_core::procedure::PartyKind;

use super::chance::Chance;
use super::pools::{Maker, Names, Parties, fill};

/// An invented person.
#[derive(Clone, Debug)]
pub struct Someone {
    /// Full name.
    pub name: String,
    /// Whether she is a woman.
    pub woman: bool,
    /// Resident identity number with a valid check digit and an area that never was.
    pub id_number: String,
    /// Telephone number with a prefix that never was.
    pub phone: String,
}

/// An invented enterprise, household or institution.
#[derive(Clone, Debug)]
pub struct Enterprise {
    /// Its name.
    pub name: String,
    /// Its unified social credit code, valid in form.
    pub uscc: String,
    /// Whether it is a household 个体工商户.
    pub household: bool,
    /// Its operator or legal representative.
    pub representative: Someone,
}

fn character(from: &str, chance: &mut Chance) -> String {
    let all: Vec<char> = from.chars().collect();
    chance.pick(&all).map(char::to_string).unwrap_or_default()
}

fn digits(pattern: &str, chance: &mut Chance) -> String {
    pattern
        .chars()
        .map(|c| if c == '#' { char::from(b'0' + u8::try_from(chance.between(0, 9)).unwrap_or(0)) } else { c })
        .collect()
}

impl Names {
    /// A person born between these years.
    pub fn someone(&self, chance: &mut Chance, woman: bool, born: (i64, i64)) -> Someone {
        let year = chance.between(born.0, born.1);
        let mut name = self.draw(chance, woman, year);
        // Persons of public sources and names that everybody knows are drawn again.
        while self.never.contains(&name) {
            name = self.draw(chance, woman, year);
        }
        Someone {
            name,
            woman,
            id_number: self.id_number(chance, woman, year),
            phone: digits(&self.phone_pattern, chance),
        }
    }

    /// A party to a matter: a grown-up of any age.
    pub fn party(&self, chance: &mut Chance) -> Someone {
        let woman = chance.happens(0.42);
        let born = chance.weighted(&self.generation, |g| g.share).map_or((1960, 1979), |g| g.born);
        self.someone(chance, woman, born)
    }

    fn draw(&self, chance: &mut Chance, woman: bool, year: i64) -> String {
        let surnames: Vec<(&String, f64)> = self.surnames.iter().map(|(name, weight)| (name, *weight)).collect();
        let surname = chance.weighted(&surnames, |(_, weight)| *weight).map_or("", |(name, _)| name.as_str());
        let fits = |g: &&super::pools::Generation| (g.born.0..=g.born.1).contains(&year);
        let Some(generation) = self.generation.iter().find(fits).or_else(|| self.generation.last()) else {
            return surname.to_owned();
        };
        let pick = |male, female| if woman { female } else { male };
        if chance.happens(generation.single_share) {
            let given = character(pick(&generation.male_single, &generation.female_single), chance);
            return format!("{surname}{given}");
        }
        let first = character(pick(&generation.male_first, &generation.female_first), chance);
        let mut second = character(pick(&generation.male_second, &generation.female_second), chance);
        if chance.happens(self.rare_share) {
            let rare = self.rare.get(if woman { "female" } else { "male" }).map_or("", String::as_str);
            second = character(rare, chance);
        }
        if first == second { format!("{surname}{first}") } else { format!("{surname}{first}{second}") }
    }

    fn id_number(&self, chance: &mut Chance, woman: bool, year: i64) -> String {
        const WEIGHTS: [i64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let order = chance.between(0, 499) * 2 + i64::from(!woman);
        let body = format!(
            "{}{year:04}{:02}{:02}{order:03}",
            self.identity_prefix,
            chance.between(1, 12),
            chance.between(1, 28)
        );
        let sum: i64 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| i64::from(digit - b'0') * weight).sum();
        let check = "10X98765432".chars().nth(usize::try_from(sum % 11).unwrap_or(0)).unwrap_or('0');
        format!("{body}{check}")
    }
}

impl Parties {
    /// An enterprise of a type in a town; `None` if the type is unknown.
    pub fn enterprise(
        &self,
        names: &Names,
        chance: &mut Chance,
        r#type: &str,
        county: &str,
        town: &str,
    ) -> Option<Enterprise> {
        let maker: &Maker = self.maker.iter().find(|maker| maker.r#type == r#type)?;
        let representative = names.party(chance);
        let values = BTreeMap::from([
            ("county", county.to_owned()),
            ("town", town.trim_end_matches('镇').to_owned()),
            ("word", format!("{}{}", character(&self.word_first, chance), character(&self.word_second, chance))),
            ("person", representative.name.clone()),
            ("surname", representative.name.chars().take(1).collect()),
        ]);
        let pattern = chance.pick(&maker.patterns)?.clone();
        let name = fill(&pattern, chance, &values);
        let uscc = uscc(&maker.uscc, chance.between(0, 99_999));
        Some(Enterprise { name, uscc, household: maker.form == "household", representative })
    }

    /// A number plate that no office issues.
    pub fn plate(&self, chance: &mut Chance) -> String {
        digits(&self.plate, chance)
    }
}

/// A credit code with both check characters: DEP marks the demonstration.
fn uscc(prefix: &str, number: i64) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const BODY: [i64; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("DEP{number:05}");
    // GB 11714: letters count from A = 10.
    let value = |c: char| c.to_digit(36).map_or(0, i64::from);
    let sum: i64 = body.chars().map(value).zip(BODY).map(|(value, weight)| value * weight).sum();
    let ninth = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from(b'0' + u8::try_from(digit).unwrap_or(0)),
    };
    let head = format!("{prefix}{body}{ninth}");
    let place = |c: char| ALPHABET.chars().position(|known| known == c).unwrap_or(0);
    let (mut weight, mut sum) = (1, 0);
    for c in head.chars() {
        sum += place(c) * weight;
        weight = weight * 3 % 31;
    }
    let last = ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap_or('0');
    format!("{head}{last}")
}

impl Someone {
    /// As a party of a matter.
    #[must_use]
    pub fn as_party(&self, role: &str, address: &str) -> PartyInput {
        PartyInput {
            role: Some(role.into()),
            kind: Some(PartyKind::Natural),
            name: self.name.clone(),
            id_number: self.id_number.clone(),
            phone: self.phone.clone(),
            address: address.to_owned(),
            ..PartyInput::default()
        }
    }
}

impl Enterprise {
    /// As a party of a matter.
    #[must_use]
    pub fn as_party(&self, role: &str, address: &str) -> PartyInput {
        PartyInput {
            role: Some(role.into()),
            kind: Some(if self.household { PartyKind::SoleTrader } else { PartyKind::Legal }),
            name: self.name.clone(),
            uscc: self.uscc.clone(),
            phone: self.representative.phone.clone(),
            address: address.to_owned(),
            representative: self.representative.name.clone(),
            ..PartyInput::default()
        }
    }
}

/// Draws until the name is new among those known, so that two colleagues are never the same on a page.
pub fn new_name(known: &mut BTreeSet<String>, mut draw: impl FnMut() -> Someone) -> Someone {
    let mut someone = draw();
    for _ in 0..50 {
        if known.insert(someone.name.clone()) {
            break;
        }
        someone = draw();
    }
    someone
}

#[cfg(test)]
mod tests {
    use zhunsheng_core::text::{id_number_problem, uscc_problem};

    use super::*;

    #[test]
    fn codes_are_valid_in_form() {
        for number in [0, 7, 31_415, 99_999] {
            assert_eq!(uscc_problem(&uscc("92211224", number)), None);
        }
        let pools = super::super::pools::Pools::load(&[], &[]).unwrap();
        let mut chance = Chance::new(7, "people", 0);
        for _ in 0..200 {
            let someone = pools.names.party(&mut chance);
            assert_eq!(id_number_problem(&someone.id_number), None, "{}", someone.id_number);
            assert!((2..=4).contains(&someone.name.chars().count()), "{}", someone.name);
        }
    }
}
