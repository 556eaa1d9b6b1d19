-- How the planner finds the way. Every key begins with county_code, and one file holds one county: SQLite, left without
-- statistics, takes that column for selective and walks whole tables in the order of their key. The figures below are of
-- shape, not of this county: rows in all, rows of one county, rows of the next column … (sqlite.org/fileformat2.html#stat1tab).
-- PostgreSQL counts for itself and needs none of them.

ANALYZE schema_migration;               -- only so that sqlite_stat1 exists
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('step', 'step', '1000000 1000000 1 1'),
    ('step', 'step_by_matter', '1000000 1000000 12 1'),
    ('step', 'step_by_person', '1000000 1000000 2000 1 1'),
    ('step', 'step_of_procedure', '1000000 1000000 100000 10000 2 1 1 1'),
    ('todo', 'todo', '10000 10000 2 1 1'),
    ('todo', 'todo_by_post', '10000 10000 200 20 1 1'),
    ('evidence', 'evidence', '1000000 1000000 4 1 1'),
    ('evidence', 'evidence_by_digest', '1000000 1000000 2 2 1');
ANALYZE sqlite_schema;                  -- reads them

-- What is shown to the public, by procedure and newest first.
DROP INDEX disclosure_shown;
CREATE INDEX disclosure_shown ON disclosure (county_code, procedure, num) WHERE made_day IS NOT NULL AND withdrawn_day IS NULL;

-- Open work of a person, for the administrator who passes it on.
CREATE INDEX matter_by_assigned ON matter (county_code, assigned, num)
    WHERE assigned IS NOT NULL AND closed = 0 AND ended_day IS NULL;
