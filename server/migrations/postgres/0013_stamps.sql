-- Trusted time stamps (RFC 3161): the token beside its deposit, and what went to an authority as a file and was not answered yet.

ALTER TABLE deposit ADD COLUMN token BYTEA;              -- DER; none of a witness that cosigns

-- A few rows, of what is still on its way: not partitioned.
CREATE TABLE stamp_request (
    county_code TEXT COLLATE "C" NOT NULL,
    witness BYTEA NOT NULL,              -- the register's matter
    size BIGINT NOT NULL,               -- entries that the checkpoint covers
    nonce BYTEA NOT NULL,                -- what only the answer to this request repeats
    imprint BYTEA NOT NULL,              -- SHA-256 of the note
    asked_ms BIGINT NOT NULL,           -- machine time
    PRIMARY KEY (county_code, witness, size)
);
CREATE INDEX stamp_request_imprint ON stamp_request (county_code, imprint);
