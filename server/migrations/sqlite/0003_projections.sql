-- Projections: everything here can be rebuilt from the record, and a test compares. Days are yyyymmdd. Intervals are
-- kept twice: legal days (from_day, until_day) and entries (from_entry, until_entry), so that "what the county knew
-- then" can be asked.
--
-- Small rows with a long key are kept in the order of that key (WITHOUT ROWID): one tree to write instead of two.

CREATE TABLE matter (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    num BIGINT NOT NULL,                -- opening entry * 16 + position in it: the order of lists
    procedure TEXT NOT NULL,
    organ TEXT NOT NULL,
    place TEXT,
    state TEXT NOT NULL,                -- of the main track
    outcome TEXT,
    opened_day BIGINT NOT NULL,
    ended_day BIGINT,
    closed BIGINT NOT NULL,             -- voided or merged
    secret BIGINT NOT NULL,             -- work secret: not in search, export, API
    assigned BLOB,
    parent BLOB,
    due_day BIGINT,                     -- the nearest running maximum of the organ
    provisional BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    title TEXT NOT NULL,                -- natural persons masked
    number TEXT,                        -- the last instrument number
    changed_entry BIGINT NOT NULL,
    changed_day BIGINT NOT NULL,
    body BLOB NOT NULL,                 -- the folded state, canonical CBOR
    PRIMARY KEY (county_code, id)
);
CREATE UNIQUE INDEX matter_by_num ON matter (county_code, num);
CREATE INDEX matter_by_procedure ON matter (county_code, procedure, num);
CREATE INDEX matter_by_due ON matter (county_code, due_day) WHERE due_day IS NOT NULL;
CREATE INDEX matter_by_place ON matter (county_code, place, num);

CREATE TABLE matter_organ (
    county_code TEXT NOT NULL,
    organ TEXT NOT NULL,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, organ, num)
) WITHOUT ROWID;

CREATE TABLE todo (
    county_code TEXT NOT NULL,
    num BIGINT NOT NULL,
    organ TEXT NOT NULL,
    post_kind TEXT NOT NULL,
    person BLOB,                        -- only this person may act
    PRIMARY KEY (county_code, num, organ, post_kind)
) WITHOUT ROWID;
CREATE INDEX todo_by_post ON todo (county_code, organ, post_kind, num, person);

CREATE TABLE track_state (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    track TEXT NOT NULL,
    state TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, track, from_entry)
) WITHOUT ROWID;

-- Figures count matters by legal dates: the pseudo-facts that carry the dates have small covering indexes in the order of
-- matters, so that what a figure reads beside them lies next to it (measured at a million matters in tests/it/figures.rs).
CREATE TABLE fact (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    number BIGINT,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, field, from_entry)
) WITHOUT ROWID;
CREATE INDEX fact_opened ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_opened';
CREATE INDEX fact_ended ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_ended';
CREATE INDEX fact_closed ON fact (county_code, matter, from_entry) WHERE field = '_closed';

CREATE TABLE clock_run (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    run BIGINT NOT NULL,
    clock TEXT NOT NULL,
    start_day BIGINT NOT NULL,
    due_day BIGINT,
    provisional BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    stopped_day BIGINT,
    expired BIGINT NOT NULL,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, run)
) WITHOUT ROWID;
CREATE INDEX clock_running ON clock_run (county_code, due_day) WHERE stopped_day IS NULL AND expired = 0;

CREATE TABLE step (
    county_code TEXT NOT NULL,
    seq BIGINT NOT NULL,
    matter BLOB NOT NULL,
    step TEXT NOT NULL,
    procedure TEXT NOT NULL,
    day BIGINT NOT NULL,
    recorded BIGINT NOT NULL,           -- milliseconds since 1970
    recorded_day BIGINT NOT NULL,
    person BLOB,                        -- who entered it
    organ TEXT,
    manner BIGINT NOT NULL,
    withdrawn_entry BIGINT,             -- a withdrawn step stays and no longer counts
    PRIMARY KEY (county_code, seq, matter)
) WITHOUT ROWID;
CREATE INDEX step_by_matter ON step (county_code, matter, seq);
CREATE INDEX step_by_person ON step (county_code, person, seq);
CREATE INDEX step_of_procedure ON step (county_code, procedure, step, matter, day, seq, withdrawn_entry);

CREATE TABLE instrument (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    organ TEXT,
    year BIGINT,
    number BIGINT,
    text TEXT,
    day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX instrument_series ON instrument (county_code, organ, kind, year, number) WHERE number > 0;

CREATE TABLE disclosure (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    disclosure TEXT NOT NULL,
    procedure TEXT NOT NULL,
    owed_day BIGINT NOT NULL,
    made_day BIGINT,
    until_day BIGINT,
    withdrawn_day BIGINT,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, disclosure)
) WITHOUT ROWID;
CREATE INDEX disclosure_shown ON disclosure (county_code, made_day) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;

CREATE TABLE evidence (
    county_code TEXT NOT NULL,
    matter BLOB NOT NULL,
    digest BLOB NOT NULL,
    kind TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    media TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, digest, kind)
) WITHOUT ROWID;
CREATE INDEX evidence_by_digest ON evidence (county_code, digest);

CREATE TABLE query_code (
    county_code TEXT NOT NULL,
    digest BLOB NOT NULL,
    matter BLOB NOT NULL,
    PRIMARY KEY (county_code, digest)
) WITHOUT ROWID;

-- Registers that authority is looked up in.
CREATE TABLE place (
    county_code TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    parent TEXT,
    matter BLOB NOT NULL,
    PRIMARY KEY (county_code, code)
);

CREATE TABLE organ (
    county_code TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    short TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT,
    place TEXT,
    functions TEXT NOT NULL,            -- separated by |
    uscc TEXT,
    until_day BIGINT,
    matter BLOB NOT NULL,
    PRIMARY KEY (county_code, code)
);

CREATE TABLE person (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (county_code, id)
);

CREATE TABLE post (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    organ TEXT NOT NULL,
    kind TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                   -- the first day on which it is no longer held
    PRIMARY KEY (county_code, id)
);

CREATE TABLE credential (
    county_code TEXT NOT NULL,
    id BLOB NOT NULL,
    register TEXT NOT NULL,
    person BLOB NOT NULL,
    number TEXT NOT NULL,
    domains TEXT NOT NULL,              -- separated by |
    from_day BIGINT NOT NULL,
    last_day BIGINT,
    revoked_day BIGINT,
    PRIMARY KEY (county_code, id)
);

-- Words of a matter for search; rowid is matter.num.
CREATE VIRTUAL TABLE search USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
