-- Projections: everything here can be rebuilt from the record, and a test compares. Days are yyyymmdd. Intervals are
-- kept twice: legal days (from_day, until_day) and entries (from_entry, until_entry), so that "what the county knew
-- then" can be asked.
--
-- What grows with the county's work is partitioned by county: a county can be taken off, moved or dropped by itself, and a
-- province's shards are cut along the same line. A county's partitions are made when it is founded (store/catalog.rs).

CREATE TABLE matter (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    num BIGINT NOT NULL,                            -- opening entry * 16 + position in it: the order of lists
    procedure TEXT COLLATE "C" NOT NULL,
    organ TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,                -- of the main track
    outcome TEXT COLLATE "C",
    opened_day BIGINT NOT NULL,
    ended_day BIGINT,
    closed BIGINT NOT NULL,                         -- voided or merged
    secret BIGINT NOT NULL,                         -- work secret: not in search, export, API
    assigned BYTEA,
    parent BYTEA,
    due_day BIGINT,                                 -- the nearest running maximum of the organ
    provisional BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,                -- natural persons masked
    number TEXT COLLATE "C",                        -- the last instrument number
    changed_entry BIGINT NOT NULL,
    changed_day BIGINT NOT NULL,
    body BYTEA NOT NULL,                            -- the folded state, canonical CBOR
    PRIMARY KEY (county_code, id)
) PARTITION BY LIST (county_code);
CREATE UNIQUE INDEX matter_by_num ON matter (county_code, num);
CREATE INDEX matter_by_procedure ON matter (county_code, procedure, num);
CREATE INDEX matter_by_due ON matter (county_code, due_day) WHERE due_day IS NOT NULL;
CREATE INDEX matter_by_place ON matter (county_code, place, num);

CREATE TABLE matter_organ (
    county_code TEXT COLLATE "C" NOT NULL,
    organ TEXT COLLATE "C" NOT NULL,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, organ, num)
) PARTITION BY LIST (county_code);

CREATE TABLE todo (
    county_code TEXT COLLATE "C" NOT NULL,
    num BIGINT NOT NULL,
    organ TEXT COLLATE "C" NOT NULL,
    post_kind TEXT COLLATE "C" NOT NULL,
    person BYTEA,                                   -- only this person may act
    PRIMARY KEY (county_code, num, organ, post_kind)
) PARTITION BY LIST (county_code);
CREATE INDEX todo_by_post ON todo (county_code, organ, post_kind, num, person);

CREATE TABLE track_state (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    track TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, track, from_entry)
) PARTITION BY LIST (county_code);

-- Figures count matters by legal dates: the pseudo-facts that carry the dates have small covering indexes in the order of
-- matters, so that what a figure reads beside them lies next to it (measured at a million matters in tests/it/figures.rs).
CREATE TABLE fact (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, field, from_entry)
) PARTITION BY LIST (county_code);
CREATE INDEX fact_opened ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_opened';
CREATE INDEX fact_ended ON fact (county_code, value, matter, number, from_entry, until_entry) WHERE field = '_ended';
CREATE INDEX fact_closed ON fact (county_code, matter, from_entry) WHERE field = '_closed';

CREATE TABLE clock_run (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    run BIGINT NOT NULL,
    clock TEXT COLLATE "C" NOT NULL,
    start_day BIGINT NOT NULL,
    due_day BIGINT,
    provisional BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    stopped_day BIGINT,
    expired BIGINT NOT NULL,
    from_entry BIGINT NOT NULL,
    until_entry BIGINT,
    PRIMARY KEY (county_code, matter, run)
) PARTITION BY LIST (county_code);
CREATE INDEX clock_running ON clock_run (county_code, due_day) WHERE stopped_day IS NULL AND expired = 0;

CREATE TABLE step (
    county_code TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    matter BYTEA NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    procedure TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    recorded BIGINT NOT NULL,                       -- milliseconds since 1970
    recorded_day BIGINT NOT NULL,
    person BYTEA,                                   -- who entered it
    organ TEXT COLLATE "C",
    manner BIGINT NOT NULL,
    withdrawn_entry BIGINT,                         -- a withdrawn step stays and no longer counts
    PRIMARY KEY (county_code, seq, matter)
) PARTITION BY LIST (county_code);
CREATE INDEX step_by_matter ON step (county_code, matter, seq);
CREATE INDEX step_by_person ON step (county_code, person, seq);
CREATE INDEX step_of_procedure ON step (county_code, procedure, step, matter, day, seq, withdrawn_entry);

CREATE TABLE instrument (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    organ TEXT COLLATE "C",
    year BIGINT,
    number BIGINT,
    text TEXT COLLATE "C",
    day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, n)
) PARTITION BY LIST (county_code);
CREATE UNIQUE INDEX instrument_series ON instrument (county_code, organ, kind, year, number) WHERE number > 0;

CREATE TABLE disclosure (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    disclosure TEXT COLLATE "C" NOT NULL,
    procedure TEXT COLLATE "C" NOT NULL,
    owed_day BIGINT NOT NULL,
    made_day BIGINT,
    until_day BIGINT,
    withdrawn_day BIGINT,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, disclosure)
) PARTITION BY LIST (county_code);
CREATE INDEX disclosure_shown ON disclosure (county_code, made_day) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;

CREATE TABLE evidence (
    county_code TEXT COLLATE "C" NOT NULL,
    matter BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    media TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (county_code, matter, digest, kind)
) PARTITION BY LIST (county_code);
CREATE INDEX evidence_by_digest ON evidence (county_code, digest);

CREATE TABLE query_code (
    county_code TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    matter BYTEA NOT NULL,
    PRIMARY KEY (county_code, digest)
) PARTITION BY LIST (county_code);

-- Registers that authority is looked up in.
CREATE TABLE place (
    county_code TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C",
    matter BYTEA NOT NULL,
    PRIMARY KEY (county_code, code)
);

CREATE TABLE organ (
    county_code TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    short TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C",
    place TEXT COLLATE "C",
    functions TEXT COLLATE "C" NOT NULL,            -- separated by |
    uscc TEXT COLLATE "C",
    until_day BIGINT,
    matter BYTEA NOT NULL,
    PRIMARY KEY (county_code, code)
);

CREATE TABLE person (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (county_code, id)
);

CREATE TABLE post (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    person BYTEA NOT NULL,
    organ TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT,                               -- the first day on which it is no longer held
    PRIMARY KEY (county_code, id)
);

CREATE TABLE credential (
    county_code TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    register TEXT COLLATE "C" NOT NULL,
    person BYTEA NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    domains TEXT COLLATE "C" NOT NULL,              -- separated by |
    from_day BIGINT NOT NULL,
    last_day BIGINT,
    revoked_day BIGINT,
    PRIMARY KEY (county_code, id)
);

-- Words of a matter for search; num is matter.num. Words and positions are cut by us, not by a parser.
CREATE TABLE search (
    county_code TEXT COLLATE "C" NOT NULL,
    num BIGINT NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (county_code, num)
) PARTITION BY LIST (county_code);
CREATE INDEX search_words ON search USING gin (words);
