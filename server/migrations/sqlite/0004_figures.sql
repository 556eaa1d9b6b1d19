-- Figures count matters by legal dates. The pseudo-facts that carry those dates get indexes of their own, small and
-- covering; no other fact needs one. A withdrawn step stays in the record and no longer counts.

ALTER TABLE step ADD COLUMN withdrawn_entry BIGINT;

DROP INDEX fact_by_field;
CREATE INDEX fact_opened ON fact (county_code, value, number, matter, from_entry, until_entry) WHERE field = '_opened';
CREATE INDEX fact_ended ON fact (county_code, value, number, matter, from_entry, until_entry) WHERE field = '_ended';
CREATE INDEX fact_closed ON fact (county_code, matter, from_entry) WHERE field = '_closed';

DROP INDEX step_by_day;
CREATE INDEX step_of_procedure ON step (county_code, procedure, step, matter, day, seq, withdrawn_entry);
