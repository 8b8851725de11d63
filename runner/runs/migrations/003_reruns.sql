-- How a command was answered, apart from the words of the answer.
ALTER TABLE commands ADD COLUMN status TEXT NOT NULL DEFAULT 'pending';
UPDATE commands SET status = CASE
    WHEN result LIKE 'refused%' THEN 'refused' WHEN result LIKE 'too late%' THEN 'late' ELSE 'done' END
WHERE result IS NOT NULL;
DROP INDEX commands_pending;
CREATE INDEX commands_pending ON commands (id) WHERE status = 'pending';

-- The run whose inputs a run was begun with again.
ALTER TABLE runs ADD COLUMN rerun_of TEXT NOT NULL DEFAULT '';
