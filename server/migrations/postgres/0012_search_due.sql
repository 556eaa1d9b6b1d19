-- Matters whose words changed since the full-text index last followed. Written in the transaction of the act, emptied by the
-- indexing job; after a crash it says what is still to be done.
-- Small, but every act writes here and the job empties it: partitioned, so that one county's dead rows are not in the way of another.

CREATE TABLE search_due (
    county_code TEXT COLLATE "C" NOT NULL,
    num BIGINT NOT NULL,
    PRIMARY KEY (county_code, num)
) PARTITION BY LIST (county_code);
