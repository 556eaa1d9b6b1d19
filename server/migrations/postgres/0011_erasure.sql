-- Which entry destroyed a file of evidence: NULL while it is kept. The file itself goes when no row keeps it.
-- Every county's partition gets the column with the table.
ALTER TABLE evidence ADD COLUMN erased_entry BIGINT;
