-- A desk reads its order, and how much of it is late, from this index alone: only the lines that are shown are looked up.
-- The nearest due day, and the last day there is for a matter without one: it comes after all others.
ALTER TABLE todo ADD COLUMN due_day BIGINT NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE todo ADD COLUMN provisional BIGINT NOT NULL DEFAULT 0;
ALTER TABLE todo ADD COLUMN procedure TEXT COLLATE "C" NOT NULL DEFAULT '';

UPDATE todo SET due_day = coalesce(m.due_day, 9223372036854775807), provisional = m.provisional, procedure = m.procedure
FROM matter m WHERE m.county_code = todo.county_code AND m.num = todo.num;

DROP INDEX todo_by_post;
CREATE INDEX todo_by_post ON todo (county_code, organ, post_kind, due_day, num DESC, person, procedure, provisional);
