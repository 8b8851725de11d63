-- The journal itself. Its key is the fence: two owners cannot write the same event of a run.
-- Rows lie in the order they came: many runs at once then share pages, which halves a commit against WITHOUT ROWID.
CREATE TABLE events (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run, seq)
);

-- Idempotency: a request that comes twice begins one run.
CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL
) WITHOUT ROWID;

-- Projections: written with the events, rebuildable from them.
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    verdict TEXT NOT NULL DEFAULT '',
    revision TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    workspace TEXT NOT NULL,
    "by" TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    phase TEXT NOT NULL DEFAULT '',
    queued_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    why TEXT NOT NULL DEFAULT '',
    tokens INTEGER NOT NULL DEFAULT 0,
    due_at REAL
) WITHOUT ROWID;
CREATE INDEX runs_unfinished ON runs (id) WHERE status <> 'ended';
CREATE INDEX runs_due ON runs (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    ask TEXT NOT NULL,
    show TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    "by" TEXT NOT NULL,
    asked_at REAL NOT NULL,
    deadline REAL NOT NULL,
    shown TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open',
    decided_by TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    decided_at REAL
) WITHOUT ROWID;
CREATE INDEX approvals_of_run ON approvals (run);
CREATE INDEX approvals_open ON approvals (asked_at) WHERE status = 'open';

-- Commands from any process to the owner of a run; `approval` is held by the one decision that counts.
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    run TEXT NOT NULL,
    payload TEXT NOT NULL,
    approval TEXT UNIQUE,
    result TEXT
);
CREATE INDEX commands_pending ON commands (id) WHERE result IS NULL;

-- The files of revisions, each content once: small and many, so one commit here is far cheaper than a blob for each.
CREATE TABLE contents (
    digest TEXT PRIMARY KEY,
    content BLOB NOT NULL
);

-- Revisions: which file has which content; `good` counts up each time one goes live.
CREATE TABLE revisions (
    digest TEXT PRIMARY KEY,
    manifest TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    good INTEGER
) WITHOUT ROWID;

CREATE TABLE reloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    ok INTEGER NOT NULL,
    revision TEXT NOT NULL,
    problems TEXT NOT NULL,
    cause TEXT NOT NULL
);
