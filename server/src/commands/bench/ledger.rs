//! The list of what was acknowledged: one line `person key entry matter` for each, written before the next request of that
//! client goes out. What stands in it must be in the record, whatever happened to the server.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use zhunsheng_core::id::MatterId;

use crate::app::county_in;
use crate::app::fault::Fault;
use crate::commands::failure::Failure;
use crate::store::{Db, idempotency, record};

/// An acknowledged command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Who.
    pub person: String,
    /// Their key.
    pub key: String,
    /// The position of the entry.
    pub entry: i64,
    /// The matter.
    pub matter: String,
}

/// The file, shared by the clients of one thread.
pub struct Ledger(RefCell<File>);

impl Ledger {
    /// A new, empty ledger.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        File::create(path).map(|file| Self(RefCell::new(file))).map_err(|error| Failure::file("建立", path, &error))
    }

    /// Writes a line.
    pub fn note(&self, line: &Line) -> std::io::Result<()> {
        let Line { person, key, entry, matter } = line;
        self.0.borrow_mut().write_all(format!("{person} {key} {entry} {matter}\n").as_bytes())
    }

    /// Reads the lines of a file. A last line that was cut off is nobody's acknowledgement.
    pub fn read(path: &Path) -> Result<Vec<Line>, Failure> {
        let failed = |error: std::io::Error| Failure::file("读取", path, &error);
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let mut lines = Vec::new();
        let mut text = String::new();
        while reader.read_line(&mut text).map_err(failed)? > 0 {
            let Some(whole) = text.strip_suffix('\n') else { break };
            let line = parse(whole)
                .ok_or_else(|| Failure::Fault(format!("{} 第 {} 行无法理解。", path.display(), lines.len() + 1)))?;
            lines.push(line);
            text.clear();
        }
        Ok(lines)
    }
}

fn parse(line: &str) -> Option<Line> {
    let mut parts = line.split(' ');
    let (person, key) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Line { person, key, entry: parts.next()?.parse().ok()?, matter: parts.next()?.to_owned() })
}

/// The first line that is not in the record as it was acknowledged, in words. None: all are.
pub fn missing(db: &Db, lines: &[Line]) -> Result<Option<String>, Fault> {
    db.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        for line in lines {
            if idempotency::find(r, &county, &line.person, &line.key)?.is_none() {
                return Ok(Some(format!("已答复的请求 {} 没有记下来", line.key)));
            }
            let Some(stored) = record::find_entry(r, &county, line.entry)? else {
                return Ok(Some(format!("请求 {} 的记录项 {} 不存在", line.key, line.entry)));
            };
            if MatterId::parse(&line.matter) != Some(record::decode(stored.seq, &stored.bytes)?.matter) {
                return Ok(Some(format!("请求 {} 的记录项 {} 属于别的事项", line.key, line.entry)));
            }
        }
        Ok(None)
    })
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Line};

    #[test]
    fn a_cut_line_is_no_acknowledgement() {
        let path = std::env::temp_dir().join(format!("zhunsheng-ledger-{}", std::process::id()));
        let line = Line { person: "p".into(), key: "k-1".into(), entry: 7, matter: "m".into() };
        Ledger::create(&path).unwrap().note(&line).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}p k-2 8")).unwrap();
        assert_eq!(Ledger::read(&path).unwrap(), [line]);
        std::fs::write(&path, "p k-2\n").unwrap();
        assert!(Ledger::read(&path).is_err());
        std::fs::remove_file(&path).unwrap();
    }
}
