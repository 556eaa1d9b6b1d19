-- Who may enter: settings, accounts, sessions, tokens, and the results of commands already carried out.
-- Times are seconds since 1970-01-01T00:00:00Z on machine time. No personal data beyond a login name.

CREATE TABLE setting (
    county_code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (county_code, name)
);

CREATE TABLE account (
    county_code TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    login TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C",                 -- NULL: nobody can log in with a password (simulated staff)
    must_change BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    disabled BIGINT,                                -- when it was closed
    PRIMARY KEY (county_code, person)
);
CREATE UNIQUE INDEX account_by_login ON account (county_code, login);

-- Attempts are kept by the hash of what was typed, whether such an account exists or not: both take the same path,
-- so neither the answer nor its time tells which logins are real.
CREATE TABLE attempt (
    county_code TEXT COLLATE "C" NOT NULL,
    login_hash BYTEA NOT NULL,
    failures BIGINT NOT NULL,                       -- attempts since the last success
    locked_until BIGINT NOT NULL,                   -- no attempt is evaluated before
    last BIGINT NOT NULL,
    PRIMARY KEY (county_code, login_hash)
);
CREATE INDEX attempt_by_last ON attempt (county_code, last);

CREATE TABLE session (
    county_code TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL,                      -- SHA-256; the token itself is only in the cookie
    person TEXT COLLATE "C" NOT NULL,
    post TEXT COLLATE "C",
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('staff', 'persona')),
    csrf_secret BYTEA NOT NULL,
    client TEXT COLLATE "C" NOT NULL,               -- a coarse description of the browser, for the list of one's own sessions
    PRIMARY KEY (county_code, token_hash)
);
CREATE INDEX session_by_person ON session (county_code, person);
CREATE INDEX session_by_expires ON session (county_code, expires);

CREATE TABLE api_token (
    county_code TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    post TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT,
    PRIMARY KEY (county_code, token_hash)
);
CREATE INDEX api_token_by_person ON api_token (county_code, person);

-- A row for each act of a program or a form, for some days: the partitions of 0003.
CREATE TABLE idempotency (
    county_code TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,                          -- of the command; the same key with another command is refused
    result BYTEA NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (county_code, actor, key)
) PARTITION BY LIST (county_code);
CREATE INDEX idempotency_by_recorded ON idempotency (county_code, recorded);
