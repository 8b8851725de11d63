-- Whether the files that were read differed from the commit beside them.
ALTER TABLE reloads ADD COLUMN dirty INTEGER NOT NULL DEFAULT 0;
