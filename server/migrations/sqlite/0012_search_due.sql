-- Matters whose words changed since the full-text index last followed. Written in the transaction of the act, emptied by the
-- indexing job; after a crash it says what is still to be done.

CREATE TABLE search_due (
    county_code TEXT NOT NULL,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, num)
) WITHOUT ROWID;
