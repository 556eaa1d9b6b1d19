-- What is published is listed by the day of its publication, newest first.
DROP INDEX disclosure_shown;
CREATE INDEX disclosure_shown ON disclosure (county_code, procedure, made_day, num, disclosure) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;
