-- Figures count matters by legal dates. Facts are clustered by matter, and the pseudo-facts that carry the dates have
-- small covering indexes in the order of matters: what a figure reads beside them then lies next to it (measured at a
-- million matters in tests/it/figures.rs). A withdrawn step stays in the record and no longer counts.

ALTER TABLE step ADD COLUMN withdrawn_entry BIGINT;
DROP INDEX step_by_day;
CREATE INDEX step_of_procedure ON step (county_code, procedure, step, matter, day, seq, withdrawn_entry);

ALTER TABLE fact RENAME TO fact_before;
CREATE TABLE fact (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    number BIGINT,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, field, from_entry)
) WITHOUT ROWID;
INSERT INTO fact SELECT county_code, matter, field, value, number, from_entry, until_entry FROM fact_before;
DROP TABLE fact_before;
CREATE INDEX fact_opened ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_opened';
CREATE INDEX fact_ended ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_ended';
CREATE INDEX fact_closed ON fact (county_code, matter, from_entry) WHERE field = '_closed';
