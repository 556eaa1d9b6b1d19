-- What a repeated command is answered: rows in the order in which they came, found by a handle of eight bytes. Under a key that clients
-- draw by lot each act would touch a page of its own. Filled from idempotency, which ends here.
CREATE TABLE answered_command (
    county_code TEXT COLLATE "C" NOT NULL,
    recorded BIGINT NOT NULL,
    handle BIGINT NOT NULL,                         -- of actor and key
    actor TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,                          -- of the command; the same key with another command is refused
    result BYTEA NOT NULL,
    PRIMARY KEY (county_code, recorded, handle)
) PARTITION BY LIST (county_code);
CREATE INDEX answered_by_handle ON answered_command (county_code, handle);
