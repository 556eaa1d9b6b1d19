-- Which process writes a county, where several serve it: one row a county, not partitioned. No part of the county: it is neither moved nor backed up.
CREATE TABLE lease (
    county_code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,              -- one more with every change of the holder
    holder TEXT COLLATE "C" NOT NULL,   -- which process
    address TEXT COLLATE "C" NOT NULL,  -- where the others find it; empty: it takes no requests
    until_ms BIGINT NOT NULL            -- by the server's clock, milliseconds since 1970
);
