-- The official record: entries are only ever inserted. Sealed values lie beside them and can be erased; then salt and
-- value are NULL and the commitment stays.

CREATE TABLE entry (
    county_code TEXT NOT NULL,
    seq BIGINT NOT NULL,                -- position in the tree, from 0; not part of the entry
    leaf BLOB NOT NULL,
    salt BLOB NOT NULL,
    bytes BLOB NOT NULL,                -- canonical CBOR, see docs/record-format.md
    PRIMARY KEY (county_code, seq)
);

CREATE TABLE sealed (
    county_code TEXT NOT NULL,
    seq BIGINT NOT NULL,
    position BIGINT NOT NULL,           -- from 1
    matter BLOB NOT NULL,
    label TEXT NOT NULL,
    class BIGINT NOT NULL,
    salt BLOB,
    value TEXT,
    commitment BLOB,                    -- kept only after erasure
    PRIMARY KEY (county_code, seq, position)
);
CREATE INDEX sealed_by_matter ON sealed (county_code, matter, label, seq);

CREATE TABLE head (
    county_code TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BLOB NOT NULL,
    root BLOB NOT NULL
);

-- A definition, calendar or table comes into force by an act that stores its bytes by digest.
CREATE TABLE law_file (
    county_code TEXT NOT NULL,
    digest BLOB NOT NULL,
    path TEXT NOT NULL,
    bytes TEXT NOT NULL,
    seq BIGINT NOT NULL,                -- the entry that adopted it
    PRIMARY KEY (county_code, digest, path)
);
