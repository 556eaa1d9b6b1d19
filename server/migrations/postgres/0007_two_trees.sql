-- A second tree over the same leaves, of SM3, beside the one of SHA-256: edge and roots, tiles, checkpoints under SM2 and Ed25519.
-- Before the first release the leaf changed with it, so there is nothing to keep: a record made before is refused
-- (docs/decisions/0010).

DROP TABLE head;
CREATE TABLE head (
    county_code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,                        -- of both trees
    root BYTEA NOT NULL,                            -- SHA-256
    root_sm3 BYTEA NOT NULL
);

DROP TABLE tile;
CREATE TABLE tile (
    county_code TEXT COLLATE "C" NOT NULL,
    level BIGINT NOT NULL,                          -- 0: of leaf hashes
    position BIGINT NOT NULL,                       -- from the left, from 0
    root BYTEA NOT NULL,                            -- of its hashes: what the level above takes
    hashes BYTEA NOT NULL,                          -- 256 times 32 bytes
    root_sm3 BYTEA NOT NULL,
    hashes_sm3 BYTEA NOT NULL,
    PRIMARY KEY (county_code, level, position)
) PARTITION BY LIST (county_code);

-- What the county has signed: the newest, the last one of every day, and what was deposited elsewhere. Others go when the next
-- one comes.
DROP TABLE checkpoint;
CREATE TABLE checkpoint (
    county_code TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    root_sm3 BYTEA NOT NULL,
    note TEXT COLLATE "C" NOT NULL,                 -- C2SP signed note, Ed25519
    note_sm2 TEXT COLLATE "C" NOT NULL,             -- the same of the SM3 tree, SM2
    day BIGINT NOT NULL,                            -- yyyymmdd on which its last entry was recorded
    kept BIGINT NOT NULL,                           -- 1: lies elsewhere too, stays
    sealed_ms BIGINT NOT NULL,                      -- machine time, milliseconds since 1970
    PRIMARY KEY (county_code, size)
);
