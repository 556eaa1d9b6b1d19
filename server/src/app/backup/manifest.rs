//! The list of what a backup holds.

use serde::{Deserialize, Serialize};

use super::seal::Locks;

/// The format of backups that this program writes and reads.
pub const FORMAT: u32 = 1;

/// What a backup says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of the bytes.
    pub format: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Code of the county.
    pub county: String,
    /// Its name.
    pub name: String,
    /// Whether it is a demonstration.
    pub demonstration: bool,
    /// When it was made, machine time.
    pub made: String,
    /// Entries of the record.
    pub entries: i64,
    /// Root of the record's tree.
    pub root: String,
    /// How the keys are sealed.
    pub seal: Locks,
    /// Evidence files that the record names and that were not there, or not whole, when the backup was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The parts.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
}

/// One file of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name in the zip and, but for the sealed keys, its place in the data folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Part {
    /// Whether the name stays inside the data folder and is one that we write.
    pub fn is_ours(&self) -> bool {
        let plain = !self.path.is_empty()
            && self.path.split('/').all(|step| !step.is_empty() && step != "." && step != ".." && !step.contains('\\'));
        let known = self.path == super::DATABASE || self.path == super::SECRETS;
        plain
            && (known
                || self
                    .path
                    .split_once('/')
                    .is_some_and(|(folder, _)| [super::EVIDENCE, super::COLLECTED].contains(&folder)))
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn parts_stay_inside_the_folder() {
        for (path, ours) in [
            ("zhunsheng.db", true),
            ("secrets.sealed", true),
            ("evidence/ab/cdef", true),
            ("collected/01J/u/1-ab-2024-10-26", true),
            ("collected/../evidence/x", false),
            ("evidence/../../etc/passwd", false),
            ("/etc/passwd", false),
            ("evidence//x", false),
            ("evidence/..\\x", false),
            ("lock", false),
            ("", false),
        ] {
            let part = Part { path: path.to_owned(), bytes: 0, sha256: String::new() };
            assert_eq!(part.is_ours(), ours, "{path}");
        }
    }
}
