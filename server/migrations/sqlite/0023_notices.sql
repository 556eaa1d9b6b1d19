-- Notices: what a person has to know, derived from the record after the act, and what of it leaves the house. Times are milliseconds of
-- machine time, but for when a notice was made and seen (county time); days yyyymmdd. A notice names a matter by its id and holds nothing of its content.

CREATE TABLE notice (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,                   -- of person, kind, matter and cause: derived twice, it is told once
    person BLOB NOT NULL,
    post BLOB NOT NULL,                 -- the post by which it is theirs, and in which it is shown
    kind TEXT NOT NULL CHECK (kind IN ('todo', 'transferred', 'soon', 'overdue', 'answered')),
    matter BLOB NOT NULL,
    day BIGINT,                         -- the last day, or the day of the act
    made BIGINT NOT NULL,
    seen BIGINT,
    PRIMARY KEY (county_code, id)
) WITHOUT ROWID;
CREATE INDEX notice_of_post ON notice (county_code, post, made);
CREATE INDEX notice_unseen ON notice (county_code, post) WHERE seen IS NULL;
CREATE INDEX notice_by_made ON notice (county_code, made);

-- The open work that was last told of: what is in todo and not here is news.
CREATE TABLE notice_told (
    county_code TEXT NOT NULL,
    num BIGINT NOT NULL,
    organ TEXT NOT NULL,
    post_kind TEXT NOT NULL,
    person BLOB NOT NULL,               -- empty: whoever holds the post
    PRIMARY KEY (county_code, num, organ, post_kind)
) WITHOUT ROWID;

-- What a person wants by which way out of the house, and where to. An official's own address, no party's.
CREATE TABLE notice_way (
    county_code TEXT NOT NULL,
    person BLOB NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('webhook', 'mail', 'sms')),
    address TEXT NOT NULL,              -- empty for the webhook, which is the county's
    kinds TEXT NOT NULL,                -- separated by |
    confirmed BIGINT NOT NULL,          -- whether its owner has typed the code that was sent there
    PRIMARY KEY (county_code, person, channel)
) WITHOUT ROWID;

-- Codes of six digits that were sent to somebody and wait to be typed: only a seal of each, by the county's key. Gone a
-- day after the first.
CREATE TABLE code (
    county_code TEXT NOT NULL,
    subject BLOB NOT NULL,              -- the hash of whose it is and what it is for: person and channel
    seal BLOB NOT NULL,
    made BIGINT NOT NULL,
    tries BIGINT NOT NULL,              -- how often one was typed
    issued BIGINT NOT NULL,             -- how many were sent since the first
    first BIGINT NOT NULL,
    PRIMARY KEY (county_code, subject)
) WITHOUT ROWID;
CREATE INDEX code_by_first ON code (county_code, first);

-- What leaves the house. A row is due until its receiver has confirmed it, so that a crash sends again rather than never; the id goes
-- along, by which a receiver knows it again.
CREATE TABLE outgoing (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    notice BLOB NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'dead', 'dropped')),
    tries BIGINT NOT NULL,
    next BIGINT NOT NULL,               -- when it is tried next, or when it ended
    problem TEXT NOT NULL,              -- why it is not there yet, or why it is not wanted any more
    made BIGINT NOT NULL,
    PRIMARY KEY (county_code, id)
) WITHOUT ROWID;
CREATE INDEX outgoing_due ON outgoing (county_code, channel, next) WHERE state = 'due';
CREATE INDEX outgoing_by_state ON outgoing (county_code, state, next);

-- Calendars that a person has made an address for: only the hash of its secret is here.
CREATE TABLE calendar_feed (
    county_code TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    person BLOB NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (county_code, token_hash)
) WITHOUT ROWID;
CREATE INDEX calendar_feed_of ON calendar_feed (county_code, person);

-- As in 0005: county_code alone selects nothing in a file of one county.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('notice', 'notice', '1000000 1000000 1'),
    ('notice', 'notice_of_post', '1000000 1000000 400 2'),
    ('notice', 'notice_unseen', '20000 20000 20'),
    ('notice', 'notice_by_made', '1000000 1000000 2'),
    ('outgoing', 'outgoing', '1000000 1000000 1'),
    ('outgoing', 'outgoing_due', '200 200 70 2'),
    ('outgoing', 'outgoing_by_state', '1000000 1000000 250000 2');
ANALYZE sqlite_schema;                  -- reads them
