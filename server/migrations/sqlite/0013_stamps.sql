-- Trusted time stamps (RFC 3161): the token beside its deposit, and what went to an authority as a file and was not answered yet.

ALTER TABLE deposit ADD COLUMN token BLOB;              -- DER; none of a witness that cosigns

CREATE TABLE stamp_request (
    county_code TEXT NOT NULL,
    witness BLOB NOT NULL,              -- the register's matter
    size BIGINT NOT NULL,               -- entries that the checkpoint covers
    nonce BLOB NOT NULL,                -- what only the answer to this request repeats
    imprint BLOB NOT NULL,              -- SHA-256 of the note
    asked_ms BIGINT NOT NULL,           -- machine time
    PRIMARY KEY (county_code, witness, size)
);
CREATE INDEX stamp_request_imprint ON stamp_request (county_code, imprint);
