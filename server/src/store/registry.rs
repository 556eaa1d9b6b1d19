//! The registers that authority is looked up in: written by projection, read as one snapshot.

use zhunsheng_core::authority::{Credential, Delegation, DelegationKind, Organ, Person, Place, Post, Power, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, OrganFunction};

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// The field of a certificate that names the organ of its holder.
pub(super) const HOLDER_ORGAN: &str = "holder_organ";

/// One line of a register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegisterRow {
    /// A place.
    Place(Place),
    /// An organ.
    Organ(Organ),
    /// A person.
    Person(Person),
    /// A post.
    Post(Post),
    /// A credential of a person.
    Credential(MatterId, Credential),
    /// A power of an organ.
    Power(Power),
    /// A delegation of powers.
    Delegation(Delegation),
}

impl RegisterRow {
    /// Enters the line into a snapshot.
    pub fn enter(self, registry: &mut Registry) {
        match self {
            Self::Place(place) => registry.add_place(place),
            Self::Organ(organ) => registry.add_organ(organ),
            Self::Person(person) => registry.add_person(person),
            Self::Post(post) => registry.add_post(post),
            Self::Credential(person, credential) => registry.add_credential(person, credential),
            Self::Power(power) => registry.add_power(power),
            Self::Delegation(delegation) => registry.add_delegation(delegation),
        }
    }
}

fn day_number(day: Option<Day>) -> Option<i64> {
    day.map(Day::number)
}

fn functions(organ: &Organ) -> String {
    organ.functions.iter().map(OrganFunction::as_str).collect::<Vec<_>>().join("|")
}

/// Writes a line; `matter` is the register matter behind it.
pub fn put(tx: &mut Tx<'_>, county: &str, matter: MatterId, row: &RegisterRow) -> Result<(), StoreFault> {
    let id = matter.to_bytes();
    match row {
        RegisterRow::Place(p) => tx.send(
            "INSERT INTO place (county_code, code, name, level, parent, matter) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (county_code, code) DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent",
            params![county, p.code.as_str(), p.name.as_str(), p.level.as_str(), p.parent.as_ref().map(|c| c.as_str()), &id],
        ),
        RegisterRow::Organ(o) => tx.send(
            "INSERT INTO organ (county_code, code, name, short, kind, parent, place, functions, uscc, telephone, until_day, matter)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (county_code, code) DO UPDATE SET name = excluded.name, short = excluded.short, kind = excluded.kind,
               parent = excluded.parent, place = excluded.place, functions = excluded.functions, uscc = excluded.uscc,
               telephone = excluded.telephone, until_day = excluded.until_day",
            params![
                county,
                o.code.as_str(),
                o.name.as_str(),
                o.short.as_str(),
                o.kind.as_str(),
                o.parent.as_ref().map(|c| c.as_str()),
                o.place.as_ref().map(|c| c.as_str()),
                functions(o).as_str(),
                o.uscc.as_deref(),
                o.telephone.as_deref(),
                day_number(o.until),
                &id
            ],
        ),
        RegisterRow::Person(p) => tx.send(
            "INSERT INTO person (county_code, id, name) VALUES ($1, $2, $3)
             ON CONFLICT (county_code, id) DO UPDATE SET name = excluded.name",
            params![county, &id, p.name.as_str()],
        ),
        RegisterRow::Post(p) => tx.send(
            "INSERT INTO post (county_code, id, person, organ, kind, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (county_code, id) DO UPDATE SET person = excluded.person, organ = excluded.organ, kind = excluded.kind,
               from_day = excluded.from_day, until_day = excluded.until_day",
            params![county, &id, &p.person.to_bytes(), p.organ.as_str(), p.kind.as_str(), p.from.number(), day_number(p.until)],
        ),
        RegisterRow::Credential(person, c) => tx.send(
            "INSERT INTO credential (county_code, id, register, person, number, domains, from_day, last_day, revoked_day)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (county_code, id) DO UPDATE SET person = excluded.person, number = excluded.number,
               domains = excluded.domains, from_day = excluded.from_day, last_day = excluded.last_day, revoked_day = excluded.revoked_day",
            params![
                county,
                &id,
                c.register.as_str(),
                &person.to_bytes(),
                c.number.as_str(),
                c.domains.join("|").as_str(),
                c.from.number(),
                day_number(c.last_day),
                day_number(c.revoked)
            ],
        ),
        RegisterRow::Power(power) => return put_power(tx, county, power),
        RegisterRow::Delegation(delegation) => return put_delegation(tx, county, delegation),
    }?;
    Ok(())
}

fn put_power(tx: &mut Tx<'_>, county: &str, p: &Power) -> Result<(), StoreFault> {
    tx.send(
        "INSERT INTO power (county_code, id, code, name, kind, domain, organ, basis, from_day, until_day, published_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (county_code, id) DO UPDATE SET code = excluded.code, name = excluded.name, kind = excluded.kind,
           domain = excluded.domain, organ = excluded.organ, basis = excluded.basis, from_day = excluded.from_day,
           until_day = excluded.until_day, published_day = excluded.published_day",
        params![
            county,
            &p.id.to_bytes(),
            p.code.as_str(),
            p.name.as_str(),
            p.kind.as_str(),
            p.domain.as_str(),
            p.organ.as_str(),
            p.basis.as_str(),
            p.from.number(),
            day_number(p.until),
            day_number(p.published)
        ],
    )
}

fn put_delegation(tx: &mut Tx<'_>, county: &str, d: &Delegation) -> Result<(), StoreFault> {
    let power = d.power.map(|power| power.to_bytes());
    tx.send(
        "INSERT INTO delegation (county_code, id, kind, by_organ, to_organ, power_kind, domain, power, instrument, from_day,
           until_day, published_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (county_code, id) DO UPDATE SET kind = excluded.kind, by_organ = excluded.by_organ,
           to_organ = excluded.to_organ, power_kind = excluded.power_kind, domain = excluded.domain, power = excluded.power,
           instrument = excluded.instrument, from_day = excluded.from_day, until_day = excluded.until_day,
           published_day = excluded.published_day",
        params![
            county,
            &d.id.to_bytes(),
            d.kind.code(),
            d.by.as_str(),
            d.to.as_str(),
            d.power_kind.as_str(),
            d.domain.as_str(),
            power.as_ref().map(|id| id.as_slice()),
            d.instrument.as_str(),
            d.from.number(),
            day_number(d.until),
            day_number(d.published)
        ],
    )
}

fn matter_id(row: &Row<'_>, index: usize) -> Result<MatterId, StoreFault> {
    Ok(MatterId(u128::from_be_bytes(row.bytes(index)?)))
}

fn day(row: &Row<'_>, index: usize) -> Result<Option<Day>, StoreFault> {
    Ok(row.opt_int(index)?.and_then(Day::from_number))
}

fn needed_day(row: &Row<'_>, index: usize) -> Result<Day, StoreFault> {
    day(row, index)?.ok_or(StoreFault::Value { what: "registry day".to_owned() })
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split('|').filter(|part| !part.is_empty())
}

/// The whole county as one snapshot.
pub fn load(q: &impl Query, county: &str) -> Result<Registry, StoreFault> {
    let mut registry = Registry::default();
    let mut rows =
        q.query_all("SELECT code, name, level, parent FROM place WHERE county_code = $1", params![county], |row| {
            let place = Place {
                code: row.text(0)?.into(),
                name: row.text(1)?,
                level: row.text(2)?,
                parent: row.opt_text(3)?.map(Into::into),
            };
            Ok(RegisterRow::Place(place))
        })?;
    rows.extend(q.query_all(
        "SELECT code, name, short, kind, parent, place, functions, uscc, telephone, until_day FROM organ WHERE county_code = $1",
        params![county],
        |row| {
            Ok(RegisterRow::Organ(Organ {
                code: row.text(0)?.into(),
                name: row.text(1)?,
                short: row.text(2)?,
                kind: row.text(3)?,
                parent: row.opt_text(4)?.map(Into::into),
                place: row.opt_text(5)?.map(Into::into),
                functions: split(&row.text(6)?).map(OrganFunction::from).collect(),
                uscc: row.opt_text(7)?,
                telephone: row.opt_text(8)?,
                until: day(row, 9)?,
            }))
        },
    )?);
    rows.extend(q.query_all("SELECT id, name FROM person WHERE county_code = $1", params![county], |row| {
        Ok(RegisterRow::Person(Person { id: matter_id(row, 0)?, name: row.text(1)? }))
    })?);
    rows.extend(q.query_all(
        "SELECT id, person, organ, kind, from_day, until_day FROM post WHERE county_code = $1 ORDER BY id",
        params![county],
        |row| {
            Ok(RegisterRow::Post(Post {
                id: matter_id(row, 0)?,
                person: matter_id(row, 1)?,
                organ: row.text(2)?.into(),
                kind: row.text(3)?.into(),
                from: needed_day(row, 4)?,
                until: day(row, 5)?,
            }))
        },
    )?);
    rows.extend(q.query_all(
        "SELECT c.id, c.register, c.person, c.number, c.domains, c.from_day, c.last_day, c.revoked_day, f.value
         FROM credential c LEFT JOIN fact f
           ON f.county_code = c.county_code AND f.matter = c.id AND f.field = $2 AND f.until_entry IS NULL
         WHERE c.county_code = $1 ORDER BY c.id",
        params![county, HOLDER_ORGAN],
        |row| {
            let credential = Credential {
                id: matter_id(row, 0)?,
                register: row.text(1)?.into(),
                organ: row.opt_text(8)?.map(Into::into),
                number: row.text(3)?,
                domains: split(&row.text(4)?).map(str::to_owned).collect(),
                from: needed_day(row, 5)?,
                last_day: day(row, 6)?,
                revoked: day(row, 7)?,
            };
            Ok(RegisterRow::Credential(matter_id(row, 2)?, credential))
        },
    )?);
    rows.extend(load_powers(q, county)?);
    rows.into_iter().for_each(|row| row.enter(&mut registry));
    Ok(registry)
}

fn load_powers(q: &impl Query, county: &str) -> Result<Vec<RegisterRow>, StoreFault> {
    let mut rows = q.query_all(
        "SELECT id, code, name, kind, domain, organ, basis, from_day, until_day, published_day FROM power
         WHERE county_code = $1 ORDER BY id",
        params![county],
        |row| {
            Ok(RegisterRow::Power(Power {
                id: matter_id(row, 0)?,
                code: row.text(1)?,
                name: row.text(2)?,
                kind: row.text(3)?,
                domain: row.text(4)?,
                organ: row.text(5)?.into(),
                basis: row.text(6)?,
                from: needed_day(row, 7)?,
                until: day(row, 8)?,
                published: day(row, 9)?,
            }))
        },
    )?;
    rows.extend(q.query_all(
        "SELECT id, kind, by_organ, to_organ, power_kind, domain, power, instrument, from_day, until_day, published_day
         FROM delegation WHERE county_code = $1 ORDER BY id",
        params![county],
        |row| {
            let kind = DelegationKind::parse(&row.text(1)?);
            Ok(RegisterRow::Delegation(Delegation {
                id: matter_id(row, 0)?,
                kind: kind.ok_or(StoreFault::Value { what: "delegation kind".to_owned() })?,
                by: row.text(2)?.into(),
                to: row.text(3)?.into(),
                power_kind: row.text(4)?,
                domain: row.text(5)?,
                power: row.opt_blob(6)?.as_deref().and_then(MatterId::from_bytes),
                instrument: row.text(7)?,
                from: needed_day(row, 8)?,
                until: day(row, 9)?,
                published: day(row, 10)?,
            }))
        },
    )?);
    Ok(rows)
}
