-- Reports are found by the day on which their publication ends.

CREATE INDEX fact_publication_most ON fact (county_code, number, matter) WHERE field = 'publication_most' AND until_entry IS NULL;

-- Batches on their way to the credit platform. How the asking goes is no part of the record; what came back is.

CREATE TABLE credit_handover (
    county_code TEXT NOT NULL,
    batch TEXT NOT NULL,
    part TEXT NOT NULL,              -- the file of the batch: penalty, penalty-withdrawal
    person BLOB NOT NULL,               -- who gave it over, and in which post
    post BLOB NOT NULL,
    tried_ms BIGINT NOT NULL,           -- machine time; 0: never
    failures BIGINT NOT NULL,           -- since the last success
    quiet BIGINT NOT NULL,              -- how often it was asked since something new came
    delivered_ms BIGINT NOT NULL,       -- when the platform first took it; 0: it has not
    answered_ms BIGINT NOT NULL,        -- when the last line was answered; 0: not all are
    next_ms BIGINT,                     -- when it is due; null: not before somebody asks for it
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    said TEXT NOT NULL,              -- what was said last, in words
    PRIMARY KEY (county_code, batch, part)
);

CREATE INDEX credit_handover_due ON credit_handover (county_code, next_ms, batch, part) WHERE next_ms IS NOT NULL;

-- As in 0005: county_code alone selects nothing in a file of one county.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('credit_handover', 'sqlite_autoindex_credit_handover_1', '20000 20000 2 1'),
    ('credit_handover', 'credit_handover_due', '200 200 2 1 1');
ANALYZE sqlite_schema;                  -- reads them
