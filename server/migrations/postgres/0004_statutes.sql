-- The library: full texts of statutes, imported from files. Public texts, no act of the county; the record does not
-- know of them and a rebuild leaves them alone. Importing replaces an edition as a whole.
CREATE TABLE statute_edition (
    county_code TEXT COLLATE "C" NOT NULL,
    statute TEXT COLLATE "C" NOT NULL,
    adopted BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    articles BIGINT NOT NULL,
    head TEXT COLLATE "C" NOT NULL,
    preamble TEXT COLLATE "C" NOT NULL,
    annex TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (county_code, statute, adopted)
);

CREATE TABLE statute_heading (
    county_code TEXT COLLATE "C" NOT NULL,
    statute TEXT COLLATE "C" NOT NULL,
    adopted BIGINT NOT NULL,
    position BIGINT NOT NULL,
    level BIGINT NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    before BIGINT NOT NULL,
    PRIMARY KEY (county_code, statute, adopted, position)
);

-- inserted: 之M, 0 for none. num: its place in the search index.
CREATE TABLE statute_article (
    county_code TEXT COLLATE "C" NOT NULL,
    statute TEXT COLLATE "C" NOT NULL,
    adopted BIGINT NOT NULL,
    number BIGINT NOT NULL,
    inserted BIGINT NOT NULL,
    num BIGINT NOT NULL,
    line BIGINT NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (county_code, statute, adopted, number, inserted)
);
CREATE UNIQUE INDEX statute_article_num ON statute_article (county_code, num);

CREATE TABLE statute_search (
    county_code TEXT COLLATE "C" NOT NULL,
    num BIGINT NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (county_code, num)
);
CREATE INDEX statute_search_words ON statute_search USING gin (words);
