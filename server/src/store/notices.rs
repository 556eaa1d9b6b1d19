//! Notices, the open work that was told of, and the ways out that people chose. Written by `app/notice/` only.

use zhunsheng_core::authority::Post;
use zhunsheng_core::id::MatterId;

use super::matters::id_of;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A notice's name: the same cause gives the same.
pub type NoticeId = [u8; 16];

/// A notice as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its name.
    pub id: NoticeId,
    /// Whose.
    pub person: MatterId,
    /// By which post.
    pub post: MatterId,
    /// `todo`, `transferred`, `soon`, `overdue` or `answered`.
    pub kind: String,
    /// About which matter.
    pub matter: MatterId,
    /// The last day, or the day of the act.
    pub day: Option<i64>,
    /// When, milliseconds of county time.
    pub made: i64,
}

/// What deriving looks at in a matter. Nothing of its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Which.
    pub id: MatterId,
    /// Its place in lists.
    pub num: i64,
    /// Its procedure.
    pub procedure: String,
    /// The organ that holds it.
    pub organ: String,
    /// Who is responsible.
    pub assigned: Option<MatterId>,
    /// The nearest running maximum, unless it is provisional.
    pub due: Option<i64>,
    /// A work secret, or only stored: it stays in the house.
    pub secret: bool,
    /// Its last number.
    pub number: Option<String>,
    /// The last entry that touched it.
    pub changed: i64,
}

const SUBJECT: &str =
    "m.id, m.num, m.procedure, m.organ, m.assigned, CASE WHEN m.provisional = 0 THEN m.due_day END, m.secret, m.number,
    m.changed_entry";

fn subject(row: &Row<'_>) -> Result<Subject, StoreFault> {
    Ok(Subject {
        id: id_of(&row.blob(0)?)?,
        num: row.int(1)?,
        procedure: row.text(2)?,
        organ: row.text(3)?,
        assigned: row.opt_blob(4)?.as_deref().map(id_of).transpose()?,
        due: row.opt_int(5)?,
        secret: row.flag(6)?,
        number: row.opt_text(7)?,
        changed: row.int(8)?,
    })
}

/// A matter, whoever asks; voided and merged ones concern nobody.
pub fn find_subject(q: &impl Query, county: &str, id: MatterId) -> Result<Option<Subject>, StoreFault> {
    let sql = format!("SELECT {SUBJECT} FROM matter m WHERE m.county_code = $1 AND m.id = $2 AND m.closed = 0");
    q.query_one(&sql, params![county, &id.to_bytes()], subject)
}

/// A matter, if it may be seen.
pub fn find_seen(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    id: MatterId,
) -> Result<Option<Subject>, StoreFault> {
    let mut statement = Statement::new();
    let (place, matter) = (statement.text(county), statement.blob(&id.to_bytes()));
    statement.sql =
        format!("SELECT {SUBJECT} FROM matter m WHERE m.county_code = {place} AND m.id = {matter} AND m.closed = 0");
    see(&mut statement, sight);
    q.query_one(&statement.sql, &statement.params(), subject)
}

/// Matters whose certain last day lies between two days, after a place in the order of days.
pub fn list_due(
    q: &impl Query,
    county: &str,
    (from, to): (i64, i64),
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<Subject>, StoreFault> {
    let sql = format!(
        "SELECT {SUBJECT} FROM matter m WHERE m.county_code = $1 AND m.due_day >= $2 AND m.due_day <= $3
           AND (m.due_day > $4 OR (m.due_day = $4 AND m.num > $5)) AND m.provisional = 0 AND m.closed = 0
         ORDER BY m.due_day, m.num LIMIT $6"
    );
    // From the day that was reached: days that were looked through are not walked again.
    q.query_all(&sql, params![county, from.max(after.0), to, after.0, after.1, limit], subject)
}

/// Open work: who is waited for in a matter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Waited {
    /// In which organ.
    pub organ: String,
    /// Of which kind.
    pub post_kind: String,
    /// Only this person.
    pub person: Option<MatterId>,
}

impl Waited {
    /// Whether a post is waited for.
    #[must_use]
    pub fn is_for(&self, post: &Post) -> bool {
        self.organ == post.organ.as_str()
            && self.post_kind == post.kind.as_str()
            && self.person.is_none_or(|person| person == post.person)
    }
}

fn waited(row: &Row<'_>) -> Result<Waited, StoreFault> {
    let person = row.opt_blob(2)?.filter(|bytes| !bytes.is_empty());
    Ok(Waited { organ: row.text(0)?, post_kind: row.text(1)?, person: person.as_deref().map(id_of).transpose()? })
}

/// Who is waited for now.
pub fn list_waited(q: &impl Query, county: &str, num: i64) -> Result<Vec<Waited>, StoreFault> {
    q.query_all(
        "SELECT organ, post_kind, person FROM todo WHERE county_code = $1 AND num = $2 ORDER BY organ, post_kind",
        params![county, num],
        waited,
    )
}

/// Who was told that they are waited for.
pub fn list_told(q: &impl Query, county: &str, num: i64) -> Result<Vec<Waited>, StoreFault> {
    q.query_all(
        "SELECT organ, post_kind, person FROM notice_told WHERE county_code = $1 AND num = $2 ORDER BY organ, post_kind",
        params![county, num],
        waited,
    )
}

/// Replaces what was told of a matter.
pub fn put_told(tx: &mut Tx<'_>, county: &str, num: i64, told: &[Waited]) -> Result<(), StoreFault> {
    tx.send("DELETE FROM notice_told WHERE county_code = $1 AND num = $2", params![county, num])?;
    for waited in told {
        let person = waited.person.map(MatterId::to_bytes);
        let nobody: &[u8] = &[];
        tx.send(
            "INSERT INTO notice_told (county_code, num, organ, post_kind, person) VALUES ($1, $2, $3, $4, $5)",
            params![
                county,
                num,
                waited.organ.as_str(),
                waited.post_kind.as_str(),
                person.as_ref().map_or(nobody, |id| id.as_slice())
            ],
        )?;
    }
    Ok(())
}

/// Takes all open work as told: what lay there before notices were derived is no news.
pub fn tell_all(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM notice_told WHERE county_code = $1", params![county])?;
    let nobody: &[u8] = &[];
    // In the order of the key: of two million rows, each page is written once (3 s instead of 15).
    tx.execute(
        "INSERT INTO notice_told (county_code, num, organ, post_kind, person)
         SELECT county_code, num, organ, post_kind, coalesce(person, $2) FROM todo WHERE county_code = $1
         ORDER BY num, organ, post_kind",
        params![county, nobody],
    )?;
    Ok(())
}

/// Who began a matter, if an official did.
pub fn find_opener(q: &impl Query, county: &str, matter: MatterId) -> Result<Option<MatterId>, StoreFault> {
    let found = q.query_one(
        "SELECT person FROM step WHERE county_code = $1 AND matter = $2 ORDER BY seq LIMIT 1",
        params![county, &matter.to_bytes()],
        |row| row.opt_blob(0)?.as_deref().map(id_of).transpose(),
    )?;
    Ok(found.flatten())
}

/// Enters a notice; whether it is new.
pub fn put(tx: &mut Tx<'_>, county: &str, new: &Notice) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "INSERT INTO notice (county_code, id, person, post, kind, matter, day, made, seen)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL) ON CONFLICT (county_code, id) DO NOTHING",
        params![
            county,
            &new.id,
            &new.person.to_bytes(),
            &new.post.to_bytes(),
            new.kind.as_str(),
            &new.matter.to_bytes(),
            new.day,
            new.made
        ],
    )?;
    Ok(changed > 0)
}

/// One notice.
pub fn find(q: &impl Query, county: &str, id: &NoticeId) -> Result<Option<Notice>, StoreFault> {
    q.query_one(
        "SELECT id, person, post, kind, matter, day, made FROM notice WHERE county_code = $1 AND id = $2",
        params![county, id],
        |row| {
            Ok(Notice {
                id: row.bytes(0)?,
                person: id_of(&row.blob(1)?)?,
                post: id_of(&row.blob(2)?)?,
                kind: row.text(3)?,
                matter: id_of(&row.blob(4)?)?,
                day: row.opt_int(5)?,
                made: row.int(6)?,
            })
        },
    )
}

/// A line of the page of notices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeLine {
    /// Its kind.
    pub kind: String,
    /// The matter.
    pub matter: MatterId,
    /// Its procedure.
    pub procedure: String,
    /// Its title, natural persons masked.
    pub title: String,
    /// The day.
    pub day: Option<i64>,
    /// When.
    pub made: i64,
    /// Whether it was seen.
    pub seen: bool,
}

/// Notices of a post, newest first, about matters that it sees.
pub fn list_of(
    q: &impl Query,
    county: &str,
    post: MatterId,
    sight: &SightFilter,
    limit: i64,
) -> Result<Vec<NoticeLine>, StoreFault> {
    let mut statement = Statement::new();
    let place = statement.text(county);
    let post = statement.blob(&post.to_bytes());
    statement.sql = format!(
        "SELECT n.kind, n.matter, m.procedure, m.title, n.day, n.made, CASE WHEN n.seen IS NULL THEN 0 ELSE 1 END
         FROM notice n CROSS JOIN matter m WHERE n.county_code = {place} AND n.post = {post}
           AND m.county_code = n.county_code AND m.id = n.matter"
    );
    see(&mut statement, sight);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY n.made DESC, n.id LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), |row| {
        Ok(NoticeLine {
            kind: row.text(0)?,
            matter: id_of(&row.blob(1)?)?,
            procedure: row.text(2)?,
            title: row.text(3)?,
            day: row.opt_int(4)?,
            made: row.int(5)?,
            seen: row.flag(6)?,
        })
    })
}

/// How many notices of a post about matters that it sees were not seen, among the first `limit` that were not: every page asks.
pub fn count_unseen(
    q: &impl Query,
    county: &str,
    post: MatterId,
    sight: &SightFilter,
    limit: i64,
) -> Result<i64, StoreFault> {
    let mut statement = Statement::new();
    let (place, post) = (statement.text(county), statement.blob(&post.to_bytes()));
    let limit = statement.int(limit);
    statement.sql = format!(
        "SELECT count(*) FROM (SELECT matter FROM notice WHERE county_code = {place} AND post = {post} AND seen IS NULL LIMIT {limit}) n
         CROSS JOIN matter m WHERE m.county_code = {place} AND m.id = n.matter"
    );
    see(&mut statement, sight);
    Ok(q.query_one(&statement.sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}

/// Marks a post's notices up to a moment as seen.
pub fn see_all(tx: &mut Tx<'_>, county: &str, post: MatterId, until: i64, now: i64) -> Result<usize, StoreFault> {
    tx.execute(
        "UPDATE notice SET seen = $4 WHERE county_code = $1 AND post = $2 AND seen IS NULL AND made <= $3",
        params![county, &post.to_bytes(), until, now],
    )
}

/// Notices of a post that were not seen and are about a matter, among the first `limit` that were not.
pub fn list_unseen(
    q: &impl Query,
    county: &str,
    post: MatterId,
    matter: MatterId,
    limit: i64,
) -> Result<Vec<NoticeId>, StoreFault> {
    q.query_all(
        "SELECT id FROM (SELECT id, matter FROM notice WHERE county_code = $1 AND post = $2 AND seen IS NULL LIMIT $4) n
         WHERE matter = $3",
        params![county, &post.to_bytes(), &matter.to_bytes(), limit],
        |row| row.bytes(0),
    )
}

/// Marks one notice as seen.
pub fn see_one(tx: &mut Tx<'_>, county: &str, id: &NoticeId, now: i64) -> Result<(), StoreFault> {
    tx.send("UPDATE notice SET seen = $3 WHERE county_code = $1 AND id = $2 AND seen IS NULL", params![county, id, now])
}

/// Forgets notices made before a moment.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM notice WHERE county_code = $1 AND made < $2", params![county, before])
}

/// A way out that a person chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// `webhook`, `mail` or `sms`.
    pub channel: String,
    /// Where to; empty for the webhook.
    pub address: String,
    /// Which kinds.
    pub kinds: Vec<String>,
    /// Whether its owner has shown that what is sent there arrives.
    pub confirmed: bool,
}

/// What a person chose.
pub fn list_ways(q: &impl Query, county: &str, person: MatterId) -> Result<Vec<Way>, StoreFault> {
    q.query_all(
        "SELECT channel, address, kinds, confirmed FROM notice_way WHERE county_code = $1 AND person = $2 ORDER BY channel",
        params![county, &person.to_bytes()],
        |row| {
            let kinds = row.text(2)?;
            let kinds = kinds.split('|').filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
            Ok(Way { channel: row.text(0)?, address: row.text(1)?, kinds, confirmed: row.flag(3)? })
        },
    )
}

/// Replaces what a person chose.
pub fn put_ways(tx: &mut Tx<'_>, county: &str, person: MatterId, ways: &[Way]) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM notice_way WHERE county_code = $1 AND person = $2", params![county, &person.to_bytes()])?;
    for way in ways {
        tx.execute(
            "INSERT INTO notice_way (county_code, person, channel, address, kinds, confirmed) VALUES ($1, $2, $3, $4, $5, $6)",
            params![
                county,
                &person.to_bytes(),
                way.channel.as_str(),
                way.address.as_str(),
                way.kinds.join("|").as_str(),
                way.confirmed
            ],
        )?;
    }
    Ok(())
}

/// Notes that what is sent to an address arrives, unless the address was changed meanwhile; whether it was noted.
pub fn confirm_way(
    tx: &mut Tx<'_>,
    county: &str,
    person: MatterId,
    channel: &str,
    address: &str,
) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE notice_way SET confirmed = 1 WHERE county_code = $1 AND person = $2 AND channel = $3 AND address = $4",
        params![county, &person.to_bytes(), channel, address],
    )?;
    Ok(changed > 0)
}
