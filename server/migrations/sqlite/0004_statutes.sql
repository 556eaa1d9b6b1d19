-- The library: full texts of statutes, imported from files. Public texts, no act of the county; the record does not
-- know of them and a rebuild leaves them alone. Importing replaces an edition as a whole.
CREATE TABLE statute_edition (
    county_code TEXT NOT NULL,
    statute TEXT NOT NULL,
    adopted BIGINT NOT NULL,
    title TEXT NOT NULL,
    file TEXT NOT NULL,
    digest BLOB NOT NULL,
    articles BIGINT NOT NULL,
    head TEXT NOT NULL,
    preamble TEXT NOT NULL,
    annex TEXT NOT NULL,
    PRIMARY KEY (county_code, statute, adopted)
);

CREATE TABLE statute_heading (
    county_code TEXT NOT NULL,
    statute TEXT NOT NULL,
    adopted BIGINT NOT NULL,
    position BIGINT NOT NULL,
    level BIGINT NOT NULL,
    words TEXT NOT NULL,
    before BIGINT NOT NULL,
    PRIMARY KEY (county_code, statute, adopted, position)
);

-- inserted: 之M, 0 for none. num: its place in the search index.
CREATE TABLE statute_article (
    county_code TEXT NOT NULL,
    statute TEXT NOT NULL,
    adopted BIGINT NOT NULL,
    number BIGINT NOT NULL,
    inserted BIGINT NOT NULL,
    num BIGINT NOT NULL,
    line BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (county_code, statute, adopted, number, inserted)
);
CREATE UNIQUE INDEX statute_article_num ON statute_article (county_code, num);

CREATE VIRTUAL TABLE statute_search USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
