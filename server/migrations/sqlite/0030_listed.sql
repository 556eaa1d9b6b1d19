-- What is published is listed by the day of its publication, newest first.
DROP INDEX disclosure_shown;
CREATE INDEX disclosure_shown ON disclosure (county_code, procedure, made_day, num, disclosure) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;

-- Who is on duty for legal questions is found by the last day of the duty.
CREATE INDEX fact_duty_until ON fact (county_code, number, matter) WHERE field = 'duty_until' AND until_entry IS NULL;
