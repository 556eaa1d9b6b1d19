-- Citizens: accounts by telephone number, the matters that carry a number, and what leaves the house for them. Times are seconds of machine
-- time, but for notices (milliseconds). Eleven digits are soon tried out: a number is looked up by a keyed hash, never a bare one.

-- A projection: the mobile numbers of parties as they stand. Gone with the number: cleared, corrected or destroyed.
CREATE TABLE party_phone (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    ordinal BIGINT NOT NULL,            -- which party
    hash BYTEA NOT NULL,                 -- HMAC-SHA-256 by the county's key
    PRIMARY KEY (county_code, matter, ordinal)
) PARTITION BY LIST (county_code);
CREATE INDEX party_phone_by_hash ON party_phone (county_code, hash, matter);

CREATE TABLE citizen (
    county_code TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    number BYTEA NOT NULL,               -- sealed by the county's key
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,               -- last came in with a code
    told BIGINT,                        -- since when they want to be told of progress by short message
    PRIMARY KEY (county_code, hash)
) PARTITION BY LIST (county_code);
CREATE INDEX citizen_by_used ON citizen (county_code, used);

CREATE TABLE citizen_session (
    county_code TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL,           -- SHA-256; the token itself is only in the cookie
    hash BYTEA NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (county_code, token_hash)
) PARTITION BY LIST (county_code);
CREATE INDEX citizen_session_of ON citizen_session (county_code, hash);
CREATE INDEX citizen_session_by_expires ON citizen_session (county_code, expires);

-- What an account has shown to be its own. Void where the matter does not carry the number any more.
CREATE TABLE citizen_matter (
    county_code TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    matter BYTEA NOT NULL,
    party BIGINT,                       -- as which party, where the number of identity was shown
    since BIGINT NOT NULL,
    PRIMARY KEY (county_code, hash, matter)
) PARTITION BY LIST (county_code);
CREATE INDEX citizen_matter_of ON citizen_matter (county_code, matter);

CREATE TABLE citizen_draft (
    county_code TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    filing TEXT COLLATE "C" NOT NULL,               -- what is being filled in
    typed BYTEA NOT NULL,                -- sealed by the county's key
    saved BIGINT NOT NULL,
    PRIMARY KEY (county_code, hash, filing)
) PARTITION BY LIST (county_code);
CREATE INDEX citizen_draft_by_saved ON citizen_draft (county_code, saved);

-- Told once a matter and day; outgoing holds the message.
CREATE TABLE citizen_notice (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    matter BYTEA NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (county_code, id)
) PARTITION BY LIST (county_code);
CREATE INDEX citizen_notice_of ON citizen_notice (county_code, hash);
CREATE INDEX citizen_notice_by_made ON citizen_notice (county_code, made);
