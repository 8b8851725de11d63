-- Every attempt of a model call: what usage, outcomes and learned speeds are read from; rebuildable from the events.
CREATE TABLE model_calls (
    run TEXT NOT NULL,
    path TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    time REAL NOT NULL,
    model TEXT NOT NULL,
    served TEXT NOT NULL,
    agent TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'open',
    first REAL,
    seconds REAL,
    input INTEGER NOT NULL DEFAULT 0,
    output INTEGER NOT NULL DEFAULT 0,
    cached INTEGER NOT NULL DEFAULT 0,
    reasoning INTEGER NOT NULL DEFAULT 0,
    -- Millionths of a US dollar: what it cost (NULL: nobody knows), and what was set aside for it.
    cost_micros INTEGER,
    reserved_micros INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, path, attempt)
) WITHOUT ROWID;
CREATE INDEX model_calls_of ON model_calls (served, time);
CREATE INDEX model_calls_at ON model_calls (time);
ALTER TABLE runs ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0;
