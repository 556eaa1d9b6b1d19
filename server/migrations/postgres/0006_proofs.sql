-- Proofs cost a few reads: the complete tiles of the tree (256 hashes, eight levels each). What is not complete yet follows
-- from `entry.leaf` and from the roots of the tiles below. Follows from `entry` alone and can be made again.

CREATE TABLE tile (
    county_code TEXT COLLATE "C" NOT NULL,
    level BIGINT NOT NULL,                          -- 0: of leaf hashes
    position BIGINT NOT NULL,                       -- from the left, from 0
    root BYTEA NOT NULL,                            -- of its hashes: what the level above takes
    hashes BYTEA NOT NULL,                          -- 256 times 32 bytes
    PRIMARY KEY (county_code, level, position)
) PARTITION BY LIST (county_code);

-- The newest size and root that the county has signed.
CREATE TABLE checkpoint (
    county_code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT COLLATE "C" NOT NULL,                 -- C2SP signed note
    sealed_ms BIGINT NOT NULL                       -- machine time, milliseconds since 1970
);
