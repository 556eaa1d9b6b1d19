-- Which organ holds which power, and to whom it was delegated: written by projection from the registers 权责清单 and 委托、赋权台账.

-- Some hundred rows: not partitioned.
CREATE TABLE power (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,                   -- the register's matter
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,                 -- penalty, compulsion, inspection …
    domain TEXT COLLATE "C" NOT NULL,
    organ TEXT COLLATE "C" NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                   -- the first day on which it is no longer held
    published_day BIGINT,
    PRIMARY KEY (county_code, id)
);

CREATE TABLE delegation (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,                   -- the register's matter
    kind TEXT COLLATE "C" NOT NULL,                 -- entrusted (委托) or assigned (赋权)
    by_organ TEXT COLLATE "C" NOT NULL,
    to_organ TEXT COLLATE "C" NOT NULL,
    power_kind TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    power BYTEA,                         -- only this one; else all of the kind in the field of law
    instrument TEXT COLLATE "C" NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                   -- the first day on which it has ended
    published_day BIGINT,
    PRIMARY KEY (county_code, id)
);
