-- Which entry destroyed a file of evidence: NULL while it is kept. The file itself goes when no row keeps it.
ALTER TABLE evidence ADD COLUMN erased_entry BIGINT;
