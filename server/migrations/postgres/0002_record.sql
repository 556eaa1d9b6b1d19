-- The official record: entries are only ever inserted. Sealed values lie beside them and can be erased; then salt and
-- value are NULL and the commitment stays.

CREATE TABLE entry (
    county_code TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,                            -- position in the tree, from 0; not part of the entry
    leaf BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    bytes BYTEA NOT NULL,                           -- canonical CBOR, see docs/record-format.md
    PRIMARY KEY (county_code, seq)
) PARTITION BY LIST (county_code);

CREATE TABLE sealed (
    county_code TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    position BIGINT NOT NULL,                       -- from 1
    matter BYTEA NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    class BIGINT NOT NULL,
    salt BYTEA,
    value TEXT COLLATE "C",
    commitment BYTEA,                               -- kept only after erasure
    PRIMARY KEY (county_code, seq, position)
) PARTITION BY LIST (county_code);
CREATE INDEX sealed_by_matter ON sealed (county_code, matter, label, seq);

CREATE TABLE head (
    county_code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    root BYTEA NOT NULL
);

-- A definition, calendar or table comes into force by an act that stores its bytes by digest.
CREATE TABLE law_file (
    county_code TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    bytes TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,                            -- the entry that adopted it
    PRIMARY KEY (county_code, digest, path)
);
