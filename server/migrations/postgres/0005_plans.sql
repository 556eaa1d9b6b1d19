-- PostgreSQL counts rows for itself and needs no statistics told; of this change only the indexes remain.

-- What is shown to the public, by procedure and newest first.
DROP INDEX disclosure_shown;
CREATE INDEX disclosure_shown ON disclosure (county_code, procedure, num) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;

-- Open work of a person, for the administrator who passes it on.
CREATE INDEX matter_by_assigned ON matter (county_code, assigned, num)
    WHERE assigned IS NOT NULL AND closed = 0 AND ended_day IS NULL;
