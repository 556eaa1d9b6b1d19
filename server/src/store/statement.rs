//! A statement under construction, for queries whose conditions depend on what is asked.
//!
//! Does not belong here: any table or column.

use super::{Cell, Param};

/// One statement under construction: `$n` places and their values grow together.
pub(super) struct Statement {
    pub(super) sql: String,
    values: Vec<Cell>,
}

impl Statement {
    pub(super) fn new() -> Self {
        Self { sql: String::new(), values: Vec::new() }
    }

    pub(super) fn text(&mut self, value: &str) -> String {
        self.values.push(Cell::Text(value.to_owned()));
        format!("${}", self.values.len())
    }

    pub(super) fn int(&mut self, value: i64) -> String {
        self.values.push(Cell::Int(value));
        format!("${}", self.values.len())
    }

    pub(super) fn blob(&mut self, value: &[u8]) -> String {
        self.values.push(Cell::Blob(value.to_owned()));
        format!("${}", self.values.len())
    }

    pub(super) fn texts<'v>(&mut self, values: impl IntoIterator<Item = &'v String>) -> String {
        let places: Vec<String> = values.into_iter().map(|value| self.text(value)).collect();
        if places.is_empty() { "('')".to_owned() } else { format!("({})", places.join(", ")) }
    }

    pub(super) fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    pub(super) fn params(&self) -> Vec<Param<'_>> {
        self.values.iter().map(Cell::param).collect()
    }
}
