-- Why files were refused that have no problem of their own, and the commit that they were of.
ALTER TABLE reloads ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE reloads ADD COLUMN "commit" TEXT NOT NULL DEFAULT '';

-- To forget revisions means to know those that runs refer to.
CREATE INDEX runs_revision ON runs (revision);
