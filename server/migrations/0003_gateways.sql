-- Gateways and what they report.

CREATE TABLE gateways (
    id              INTEGER PRIMARY KEY,
    -- The id that it is enrolled under.
    name            TEXT NOT NULL UNIQUE,
    first_seen      INTEGER NOT NULL,
    last_seen       INTEGER NOT NULL,
    -- What its reports said last, and when by its own clock; reports go, this stays.
    agent_version   TEXT,
    model           TEXT,
    alias           TEXT,
    running_version INTEGER,
    running_sha256  TEXT,
    running_since   INTEGER,
    refused_version INTEGER,
    refused_sha256  TEXT,
    refused_reason  TEXT,
    refused_at      INTEGER,
    waiting         INTEGER NOT NULL DEFAULT 0,
    CHECK ((running_sha256 IS NULL) = (running_since IS NULL)),
    CHECK ((refused_sha256 IS NULL) = (refused_reason IS NULL) AND (refused_sha256 IS NULL) = (refused_at IS NULL))
) STRICT;

-- The queues that gateways number their reports in: one a gateway, and another one after each loss of its disk.
CREATE TABLE report_queues (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    gateway INTEGER NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    -- The highest number that was taken; those up to it are not taken again, whether they are still kept or not.
    through INTEGER NOT NULL DEFAULT 0,
    UNIQUE (gateway, name)
) STRICT;

CREATE TABLE reports (
    -- In the order in which they came.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    gateway     INTEGER NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    queue       INTEGER NOT NULL REFERENCES report_queues (id) ON DELETE CASCADE,
    sequence    INTEGER NOT NULL CHECK (sequence > 0),
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    -- 0: samples, 1: summaries, 2: changes; each has room of its own.
    weight      INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 2),
    -- As it came.
    event       TEXT NOT NULL,
    UNIQUE (queue, sequence)
) STRICT;

CREATE INDEX reports_by_gateway ON reports (gateway, id);
CREATE INDEX reports_by_weight ON reports (gateway, weight, id);
