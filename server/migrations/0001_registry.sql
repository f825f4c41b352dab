-- Registered models, their published versions, aliases, and the audit trail of every change.

CREATE TABLE models (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    created_at    TEXT NOT NULL,
    -- The highest version number handed out; numbers up to it are never handed out again.
    last_reserved INTEGER NOT NULL DEFAULT 0 CHECK (last_reserved BETWEEN 0 AND 4294967295)
) STRICT;

CREATE TABLE versions (
    model_id      INTEGER NOT NULL REFERENCES models (id),
    version       INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    bundle_sha256 TEXT NOT NULL,
    published_at  TEXT NOT NULL,
    -- The bundle's metadata.json, kept here as well so that a list of versions reads no blob.
    metadata      TEXT NOT NULL,
    PRIMARY KEY (model_id, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER a_published_version_never_changes BEFORE UPDATE ON versions
BEGIN
    SELECT RAISE (ABORT, 'a published version never changes');
END;

CREATE TABLE aliases (
    model_id INTEGER NOT NULL,
    alias    TEXT NOT NULL,
    version  INTEGER NOT NULL,
    PRIMARY KEY (model_id, alias),
    FOREIGN KEY (model_id, version) REFERENCES versions (model_id, version)
) STRICT, WITHOUT ROWID;

-- One row for each change, written in the change's own transaction.
CREATE TABLE audit (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           TEXT NOT NULL,
    action       TEXT NOT NULL CHECK (action IN ('reserve_version', 'publish_version', 'move_alias')),
    model_id     INTEGER NOT NULL REFERENCES models (id),
    version      INTEGER NOT NULL,
    alias        TEXT CHECK ((alias IS NOT NULL) = (action = 'move_alias')),
    from_version INTEGER,
    actor        TEXT CHECK (actor IS NOT NULL OR action <> 'move_alias'),
    reason       TEXT
) STRICT;

CREATE INDEX audit_by_model ON audit (model_id, action, id);

CREATE TRIGGER the_audit_trail_is_not_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit trail is not rewritten');
END;

CREATE TRIGGER the_audit_trail_is_not_erased BEFORE DELETE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit trail is not erased');
END;
