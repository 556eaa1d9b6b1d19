-- 核验码: which instrument a code leads to. Only the digest of the code is here; the code itself is sealed beside its entry.
-- Follows from the record and is made again by a rebuild. Instruments from before it have no code.
CREATE TABLE instrument_code (
    county_code TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    matter BYTEA NOT NULL,
    n BIGINT NOT NULL,                              -- the nth instrument of the matter
    PRIMARY KEY (county_code, digest)
) PARTITION BY LIST (county_code);

-- How often parties looked at what is theirs, by matter and day of machine time. A count and no act: a stranger's look must
-- not write into the record, and the record must not tell who read what when.
CREATE TABLE look (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    day BIGINT NOT NULL,                            -- yyyymmdd
    looks BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, day)
) PARTITION BY LIST (county_code);
