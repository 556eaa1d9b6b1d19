-- Citizens: accounts by telephone number, the matters that carry a number, and what leaves the house for them. Times are seconds of machine
-- time, but for notices (milliseconds). Eleven digits are soon tried out: a number is looked up by a keyed hash, never a bare one.

-- A projection: the mobile numbers of parties as they stand. Gone with the number: cleared, corrected or destroyed.
CREATE TABLE party_phone (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    ordinal BIGINT NOT NULL,            -- which party
    hash BLOB NOT NULL,                 -- HMAC-SHA-256 by the county's key
    PRIMARY KEY (county_code, matter, ordinal)
) WITHOUT ROWID;
CREATE INDEX party_phone_by_hash ON party_phone (county_code, hash, matter);

CREATE TABLE citizen (
    county_code TEXT NOT NULL,
    hash BLOB NOT NULL,
    number BLOB NOT NULL,               -- sealed by the county's key
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,               -- last came in with a code
    told BIGINT,                        -- since when they want to be told of progress by short message
    PRIMARY KEY (county_code, hash)
) WITHOUT ROWID;
CREATE INDEX citizen_by_used ON citizen (county_code, used);

CREATE TABLE citizen_session (
    county_code TEXT NOT NULL,
    token_hash BLOB NOT NULL,           -- SHA-256; the token itself is only in the cookie
    hash BLOB NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (county_code, token_hash)
) WITHOUT ROWID;
CREATE INDEX citizen_session_of ON citizen_session (county_code, hash);
CREATE INDEX citizen_session_by_expires ON citizen_session (county_code, expires);

-- What an account has shown to be its own. Void where the matter does not carry the number any more.
CREATE TABLE citizen_matter (
    county_code TEXT NOT NULL,
    hash BLOB NOT NULL,
    matter BLOB NOT NULL,
    party BIGINT,                       -- as which party, where the number of identity was shown
    since BIGINT NOT NULL,
    PRIMARY KEY (county_code, hash, matter)
) WITHOUT ROWID;
CREATE INDEX citizen_matter_of ON citizen_matter (county_code, matter);

CREATE TABLE citizen_draft (
    county_code TEXT NOT NULL,
    hash BLOB NOT NULL,
    filing TEXT NOT NULL,               -- what is being filled in
    typed BLOB NOT NULL,                -- sealed by the county's key
    saved BIGINT NOT NULL,
    PRIMARY KEY (county_code, hash, filing)
) WITHOUT ROWID;
CREATE INDEX citizen_draft_by_saved ON citizen_draft (county_code, saved);

-- Told once a matter and day; outgoing holds the message.
CREATE TABLE citizen_notice (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    hash BLOB NOT NULL,
    matter BLOB NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (county_code, id)
) WITHOUT ROWID;
CREATE INDEX citizen_notice_of ON citizen_notice (county_code, hash);
CREATE INDEX citizen_notice_by_made ON citizen_notice (county_code, made);

-- As in 0005: county_code alone selects nothing in a file of one county.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('party_phone', 'party_phone', '1000000 1000000 2 1'),
    ('party_phone', 'party_phone_by_hash', '1000000 1000000 2 1'),
    ('citizen', 'citizen', '200000 200000 1'),
    ('citizen', 'citizen_by_used', '200000 200000 2'),
    ('citizen_session', 'citizen_session', '2000 2000 1'),
    ('citizen_session', 'citizen_session_of', '2000 2000 2'),
    ('citizen_session', 'citizen_session_by_expires', '2000 2000 2'),
    ('citizen_matter', 'citizen_matter', '200000 200000 2 1'),
    ('citizen_matter', 'citizen_matter_of', '200000 200000 2'),
    ('citizen_draft', 'citizen_draft', '20000 20000 2 1'),
    ('citizen_draft', 'citizen_draft_by_saved', '20000 20000 2'),
    ('citizen_notice', 'citizen_notice', '200000 200000 1'),
    ('citizen_notice', 'citizen_notice_of', '200000 200000 4'),
    ('citizen_notice', 'citizen_notice_by_made', '200000 200000 2');
ANALYZE sqlite_schema;                  -- reads them
