-- Which organ holds which power, and to whom it was delegated: written by projection from the registers 权责清单 and 委托、赋权台账.

CREATE TABLE power (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,                   -- the register's matter
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- penalty, compulsion, inspection …
    domain TEXT NOT NULL,
    organ TEXT NOT NULL,
    basis TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                   -- the first day on which it is no longer held
    published_day BIGINT,
    PRIMARY KEY (county_code, id)
);

CREATE TABLE delegation (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,                   -- the register's matter
    kind TEXT NOT NULL,                 -- entrusted (委托) or assigned (赋权)
    by_organ TEXT NOT NULL,
    to_organ TEXT NOT NULL,
    power_kind TEXT NOT NULL,
    domain TEXT NOT NULL,
    power BLOB,                         -- only this one; else all of the kind in the field of law
    instrument TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                   -- the first day on which it has ended
    published_day BIGINT,
    PRIMARY KEY (county_code, id)
);
