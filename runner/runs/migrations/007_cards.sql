-- Whether a run only reads, and all that a person is shown with a question.
ALTER TABLE runs ADD COLUMN dry INTEGER NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN targets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE approvals ADD COLUMN cwd TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN env TEXT NOT NULL DEFAULT '[]';
ALTER TABLE approvals ADD COLUMN revision TEXT NOT NULL DEFAULT '';

UPDATE approvals SET
    rule = coalesce((
        SELECT json_extract(event, '$.rule') FROM events
        WHERE run = approvals.run AND type = 'approval.asked' AND json_extract(event, '$.approval') = approvals.id
    ), '');
