-- Files of officials that are of no kind that is taken: kept apart and never served, until an administrator releases or
-- discards them by an act. Neither the file's name nor its matter is here: an administrator sees no case content.
-- A few rows a month, like accounts: no partitions.
CREATE TABLE quarantine (
    county_code TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,                          -- SHA-256; the file lies in <data>/quarantine under it
    sm3 BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    ending TEXT COLLATE "C" NOT NULL,               -- of the name it came with, e.g. exe; empty if it had none
    person BYTEA NOT NULL,                          -- who sent it
    received BIGINT NOT NULL,                       -- seconds of machine time
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('held', 'released', 'discarded')),
    settled BIGINT,                                 -- when it was released or discarded
    PRIMARY KEY (county_code, digest)
);
CREATE INDEX quarantine_by_received ON quarantine (county_code, received);
