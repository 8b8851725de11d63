-- Every visit of an agent and every tool call: what statistics of tools are read from; rebuildable from the events.
CREATE TABLE visits (
    run TEXT NOT NULL,
    path TEXT NOT NULL,
    agent TEXT NOT NULL,
    intent TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, path)
) WITHOUT ROWID;

CREATE TABLE tool_calls (
    run TEXT NOT NULL,
    path TEXT NOT NULL,
    time REAL NOT NULL,
    tool TEXT NOT NULL,
    -- Empty where a phase calls it.
    agent TEXT NOT NULL DEFAULT '',
    -- The phrase that led to it without a model.
    intent TEXT NOT NULL DEFAULT '',
    -- Empty for a call that was never made; several hosts are parted by ", ".
    target TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT 'open',
    seconds REAL,
    error TEXT NOT NULL DEFAULT '',
    -- Of a call on several hosts: {host: [status, error]}.
    hosts TEXT,
    PRIMARY KEY (run, path)
) WITHOUT ROWID;

INSERT OR IGNORE INTO visits (run, path, agent)
SELECT run, json_extract(event, '$.path'), json_extract(event, '$.agent') FROM events WHERE type = 'prompt.rendered';

INSERT INTO visits (run, path, agent, intent)
SELECT run, substr(json_extract(event, '$.path'), 1, length(json_extract(event, '$.path')) - length('/intent')), '',
       json_extract(event, '$.phrase')
FROM events WHERE type = 'intent.matched'
ON CONFLICT (run, path) DO UPDATE SET intent = excluded.intent;

INSERT INTO tool_calls (run, path, time, tool, target)
SELECT run, json_extract(event, '$.path'), json_extract(event, '$.time'), json_extract(event, '$.tool'),
       json_extract(event, '$.target')
FROM events WHERE type = 'tool.called' ORDER BY run, seq
ON CONFLICT (run, path) DO UPDATE SET time = excluded.time, target = excluded.target;

INSERT INTO tool_calls (run, path, time, tool, outcome, error)
SELECT run, json_extract(event, '$.path'), json_extract(event, '$.time'), json_extract(event, '$.tool'),
       iif(json_extract(event, '$.record.error.match') = 'policy', 'denied', json_extract(event, '$.record.status')),
       substr(coalesce(json_extract(event, '$.record.error.message'), ''), 1, 500)
FROM events WHERE type = 'tool.returned' ORDER BY run, seq
ON CONFLICT (run, path) DO UPDATE SET
    outcome = excluded.outcome, error = excluded.error, seconds = max(0.0, excluded.time - time);

-- Tools write what they like: only what has the form of a call on several hosts is read as one.
UPDATE tool_calls SET hosts = found.hosts
FROM (
    SELECT events.run, json_extract(event, '$.path') AS path, json_group_object(host.value, json_array(
               json_extract(event, answer.fullkey || '.status'),
               iif(json_extract(event, answer.fullkey || '.status') IN ('failed', 'unreachable'),
                   substr(json_extract(event, answer.fullkey || '.output.error'), 1, 500), ''))) AS hosts
    FROM events,
         json_each(event, iif(json_type(event, '$.record.output.answers') = 'array', '$.record.output.answers',
                              '$.none')) AS answer,
         json_each(event, answer.fullkey || '.hosts') AS host
    WHERE events.type = 'tool.returned' AND host.type = 'text'
    GROUP BY 1, 2
) AS found
WHERE found.run = tool_calls.run AND found.path = tool_calls.path AND tool_calls.target LIKE '%, %';

-- A call `X/turn-2/call-1`, or its second try `X/turn-2/call-1/try-2`, is of the agent whose visit is X.
WITH calls AS (
    SELECT run, path, iif(path LIKE '%/try-%', rtrim(path, '0123456789'), path || '/try-') AS tried FROM tool_calls
), turns AS (
    SELECT run, path, rtrim(substr(tried, 1, length(tried) - length('/try-')), '0123456789') AS turn FROM calls
), places AS (
    SELECT run, path, substr(turn, 1, length(turn) - length('/call-')) AS place FROM turns WHERE turn LIKE '%/call-'
), callers AS (
    SELECT run, path, place LIKE '%/intent' AS by_rule,
           iif(place LIKE '%/intent', substr(place, 1, length(place) - length('/intent')),
               substr(rtrim(place, '0123456789'), 1, length(rtrim(place, '0123456789')) - length('/turn-'))) AS visit
    FROM places WHERE place LIKE '%/intent' OR rtrim(place, '0123456789') LIKE '%/turn-'
)
UPDATE tool_calls SET agent = visits.agent, intent = iif(callers.by_rule, visits.intent, '')
FROM callers JOIN visits ON visits.run = callers.run AND visits.path = callers.visit
WHERE callers.run = tool_calls.run AND callers.path = tool_calls.path;
