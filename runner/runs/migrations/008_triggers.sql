-- What each trigger of the files in use has begun; `tick` is the last moment of its cadence that was dealt with.
CREATE TABLE triggers (
    name TEXT PRIMARY KEY,
    tick REAL NOT NULL,
    fired_at REAL,
    run TEXT NOT NULL DEFAULT '',
    -- Ticks since then that began no run, and why the last one did not.
    skipped INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Alerts whose condition holds; written with the events, rebuildable from them.
CREATE TABLE alerts (
    "trigger" TEXT NOT NULL,
    workflow TEXT NOT NULL,
    alert TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    since REAL NOT NULL,
    fired_at REAL,
    seen_at REAL NOT NULL,
    text TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY ("trigger", workflow, alert, about)
) WITHOUT ROWID;
