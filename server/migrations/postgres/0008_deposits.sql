-- What outsiders signed about the record, and how the asking goes. None of it is part of the record: it is about it.

CREATE TABLE deposit (
    county_code TEXT COLLATE "C" NOT NULL,
    witness BYTEA NOT NULL,                         -- the register's matter
    size BIGINT NOT NULL,                           -- entries that it covers
    root BYTEA NOT NULL,
    note TEXT COLLATE "C" NOT NULL,                 -- checkpoint with the county's line; and the witness's
    signed_ms BIGINT NOT NULL,                      -- when, as the outsider says
    stored_ms BIGINT NOT NULL,                      -- when it came, machine time
    PRIMARY KEY (county_code, witness, size)
) PARTITION BY LIST (county_code);

-- A row for each witness: no partitions.
CREATE TABLE deposit_state (
    county_code TEXT COLLATE "C" NOT NULL,
    witness BYTEA NOT NULL,
    held BIGINT NOT NULL,                           -- the size that it signed last, as far as it is known here
    failures BIGINT NOT NULL,                       -- since the last success
    tried_ms BIGINT NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,              -- empty: none
    grave BIGINT NOT NULL,                          -- 1: it holds another record than this one
    accepted BIGINT NOT NULL,                       -- the size that it held when a rollback was accepted; 0: never
    PRIMARY KEY (county_code, witness)
);
