-- MLflow's entities: experiments, runs, registered models and their versions, logged models, artifacts;
-- and what the registry needs of its own: webhooks, access tokens, an audit trail of every change.
--
-- Times are milliseconds since 1970 (UTC). Keys that other tables carry are small integers; the names and
-- ids that people see stand once. Types and constraints are plain SQL, so that another database can take over.

------------------------------------------------------------------------------------------------------------
-- Registered models

-- Version numbers by name: what was handed out under a name is never handed out again, whatever was deleted,
-- renamed or created anew since.
CREATE TABLE version_numbers (
    name     TEXT PRIMARY KEY,
    last     INTEGER NOT NULL CHECK (last BETWEEN 0 AND 4294967295),
    -- The registered model that bore the name last, gone or renamed perhaps: the only one that may take its
    -- versions back to the name.
    model_id INTEGER
) STRICT, WITHOUT ROWID;

-- Numbers that were handed out and not used yet: each publishes one version, once.
CREATE TABLE version_reservations (
    name    TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE registered_models (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    description TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX registered_models_by_update ON registered_models (updated_at, name);

CREATE TABLE registered_model_tags (
    model_id INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (model_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_versions (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id       INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    version        INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    description    TEXT,
    user_id        TEXT,
    -- MLflow's stages are deprecated there and kept for the scripts that use them.
    stage          TEXT NOT NULL DEFAULT 'None' CHECK (stage IN ('None', 'Staging', 'Production', 'Archived')),
    source         TEXT NOT NULL,
    -- Where the source's files lie, which `get-download-uri` answers.
    storage_uri    TEXT NOT NULL,
    run_id         TEXT,
    run_link       TEXT,
    -- The logged model that the version was made of, `m-…`.
    logged_model   TEXT,
    status         TEXT NOT NULL DEFAULT 'READY'
                   CHECK (status IN ('PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY')),
    status_message TEXT,
    UNIQUE (model_id, version)
) STRICT;

CREATE INDEX model_versions_by_update ON model_versions (updated_at);
CREATE INDEX model_versions_of_model_by_update ON model_versions (model_id, updated_at);
CREATE INDEX model_versions_by_run ON model_versions (run_id);
CREATE INDEX model_versions_by_source ON model_versions (source);
CREATE INDEX model_versions_by_stage ON model_versions (model_id, stage, version);

CREATE TABLE model_version_tags (
    version_id INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (version_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX model_version_tags_by_value ON model_version_tags (key, value, version_id);

-- The bundle of a version that gateways can run. Not every version has one.
CREATE TABLE bundles (
    version_id   INTEGER PRIMARY KEY REFERENCES model_versions (id) ON DELETE CASCADE,
    -- The bundle's identity: the digest of its manifest's bytes.
    sha256       TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    -- The bundle's metadata.json, kept here as well so that a list of versions reads no blob.
    metadata     TEXT NOT NULL
) STRICT;

CREATE INDEX bundles_by_sha256 ON bundles (sha256);

-- Why a version that MLflow's client logged has no bundle.
CREATE TABLE bundle_refusals (
    version_id INTEGER PRIMARY KEY REFERENCES model_versions (id) ON DELETE CASCADE,
    refused_at INTEGER NOT NULL,
    reason     TEXT NOT NULL
) STRICT;

CREATE TRIGGER a_published_bundle_never_changes BEFORE UPDATE ON bundles
BEGIN
    SELECT RAISE (ABORT, 'a published bundle never changes');
END;

INSERT INTO version_numbers (name, last, model_id) SELECT name, last_reserved, id FROM models;

WITH RECURSIVE reserved (id, name, version) AS (
    SELECT id, name, last_reserved FROM models WHERE last_reserved > 0
    UNION ALL
    SELECT id, name, version - 1 FROM reserved WHERE version > 1
)
INSERT INTO version_reservations (name, version)
SELECT name, version FROM reserved
WHERE NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.model_id = reserved.id AND v.version = reserved.version);

INSERT INTO registered_models (id, name, created_at, updated_at)
SELECT id, name, round(unixepoch(created_at, 'subsec') * 1000), round(unixepoch(created_at, 'subsec') * 1000)
FROM models;

INSERT INTO model_versions (model_id, version, created_at, updated_at, description, run_id, run_link, source,
                            storage_uri)
SELECT model_id, version, round(unixepoch(published_at, 'subsec') * 1000),
       round(unixepoch(published_at, 'subsec') * 1000), '', '', '',
       'mlflow-artifacts:/bundles/' || bundle_sha256, 'mlflow-artifacts:/bundles/' || bundle_sha256
FROM versions;

INSERT INTO bundles (version_id, sha256, published_at, metadata)
SELECT new.id, old.bundle_sha256, new.created_at, old.metadata
FROM versions AS old JOIN model_versions AS new ON new.model_id = old.model_id AND new.version = old.version;

CREATE TABLE model_aliases (
    model_id INTEGER NOT NULL,
    alias    TEXT NOT NULL,
    version  INTEGER NOT NULL,
    PRIMARY KEY (model_id, alias),
    FOREIGN KEY (model_id, version) REFERENCES model_versions (model_id, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX model_aliases_by_version ON model_aliases (model_id, version);

INSERT INTO model_aliases (model_id, alias, version) SELECT model_id, alias, version FROM aliases;

------------------------------------------------------------------------------------------------------------
-- The audit trail: one row for each write, in the write's own transaction.

DROP TRIGGER the_audit_trail_is_not_rewritten;
DROP TRIGGER the_audit_trail_is_not_erased;
DROP INDEX audit_by_model;
ALTER TABLE audit RENAME TO audit_before;

CREATE TABLE audit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    -- Who: an access token's name, or what the request says where nobody is asked for a token.
    actor    TEXT NOT NULL,
    -- What: a verb, such as `set_alias`.
    action   TEXT NOT NULL,
    -- Of what: a kind, such as `alias`, and its name within its scope, such as a registered model's name.
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    scope    TEXT,
    -- The registered model's id, which a rename keeps.
    model_id INTEGER,
    -- From and to, as text; what is new has no from, what is deleted no to.
    before   TEXT,
    after    TEXT,
    reason   TEXT
) STRICT;

INSERT INTO audit (id, at, actor, action, kind, subject, scope, model_id, before, after, reason)
SELECT a.id, round(unixepoch(a.at, 'subsec') * 1000), coalesce(a.actor, 'unknown'),
       CASE a.action WHEN 'move_alias' THEN 'set_alias' ELSE a.action END,
       CASE a.action WHEN 'move_alias' THEN 'alias' ELSE 'version' END,
       coalesce(a.alias, CAST(a.version AS TEXT)), m.name, a.model_id,
       CAST(a.from_version AS TEXT), CASE a.action WHEN 'move_alias' THEN CAST(a.version AS TEXT) END, a.reason
FROM audit_before AS a JOIN models AS m ON m.id = a.model_id;

CREATE INDEX audit_by_model ON audit (model_id, action, id);
CREATE INDEX audit_by_subject ON audit (kind, subject, id);

CREATE TRIGGER the_audit_trail_is_not_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit trail is not rewritten');
END;

CREATE TRIGGER the_audit_trail_is_not_erased BEFORE DELETE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit trail is not erased');
END;

DROP TABLE audit_before;
DROP TABLE aliases;
DROP TABLE versions;
DROP TABLE models;

------------------------------------------------------------------------------------------------------------
-- Tracking

CREATE TABLE experiments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT NOT NULL UNIQUE,
    artifact_location TEXT NOT NULL,
    lifecycle_stage   TEXT NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT;

CREATE INDEX experiments_by_update ON experiments (updated_at, id);

-- MLflow's clients use it where they name none.
INSERT INTO experiments (id, name, artifact_location, created_at, updated_at)
VALUES (0, 'Default', 'mlflow-artifacts:/0',
        round(unixepoch('now', 'subsec') * 1000), round(unixepoch('now', 'subsec') * 1000));

CREATE TABLE experiment_tags (
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    value         TEXT NOT NULL,
    PRIMARY KEY (experiment_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id          TEXT NOT NULL UNIQUE,
    experiment_id   INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    status          TEXT NOT NULL
                    CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
    start_time      INTEGER NOT NULL,
    end_time        INTEGER,
    artifact_uri    TEXT NOT NULL,
    lifecycle_stage TEXT NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    deleted_at      INTEGER
) STRICT;

CREATE INDEX runs_by_start ON runs (experiment_id, lifecycle_stage, start_time, run_id);
CREATE INDEX runs_by_name ON runs (experiment_id, name);

CREATE TABLE params (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX params_by_value ON params (key, value, run);

CREATE TABLE run_tags (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_tags_by_value ON run_tags (key, value, run);

-- Every value that was logged. A NaN has value 0 and is_nan 1, because not every database keeps a NaN;
-- infinities are kept as they are.
CREATE TABLE metrics (
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key       TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    value     REAL NOT NULL,
    is_nan    INTEGER NOT NULL CHECK (is_nan IN (0, 1)),
    PRIMARY KEY (run, key, timestamp, step, value, is_nan)
) STRICT, WITHOUT ROWID;

-- The last value of each metric: of the highest step, then the latest time, then the highest value.
CREATE TABLE latest_metrics (
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key       TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    value     REAL NOT NULL,
    is_nan    INTEGER NOT NULL CHECK (is_nan IN (0, 1)),
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX latest_metrics_by_value ON latest_metrics (key, is_nan, value, run);

CREATE TABLE datasets (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    digest        TEXT NOT NULL,
    source_type   TEXT NOT NULL,
    source        TEXT NOT NULL,
    schema        TEXT,
    profile       TEXT,
    UNIQUE (experiment_id, name, digest)
) STRICT;

CREATE TABLE run_datasets (
    run     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_datasets_by_dataset ON run_datasets (dataset);

CREATE TABLE run_dataset_tags (
    run     INTEGER NOT NULL,
    dataset INTEGER NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (run, dataset, key),
    FOREIGN KEY (run, dataset) REFERENCES run_datasets (run, dataset) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------------------------------------
-- Logged models (MLflow 3)

CREATE TABLE logged_models (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- `m-` and 32 hexadecimal digits.
    model_id        TEXT NOT NULL UNIQUE,
    experiment_id   INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    artifact_uri    TEXT NOT NULL,
    status          TEXT NOT NULL,
    status_message  TEXT,
    model_type      TEXT NOT NULL,
    source_run_id   TEXT,
    lifecycle_stage TEXT NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX logged_models_by_creation ON logged_models (experiment_id, lifecycle_stage, created_at);
CREATE INDEX logged_models_by_name ON logged_models (experiment_id, name);
CREATE INDEX logged_models_by_run ON logged_models (source_run_id);

CREATE TABLE logged_model_params (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_model_tags (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;

-- The metrics of runs that name a logged model, the last of each kept by the rule of latest_metrics.
CREATE TABLE logged_model_metrics (
    model          INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    run_id         TEXT NOT NULL,
    key            TEXT NOT NULL,
    timestamp      INTEGER NOT NULL,
    step           INTEGER NOT NULL,
    value          REAL NOT NULL,
    is_nan         INTEGER NOT NULL CHECK (is_nan IN (0, 1)),
    -- Empty where the metric names no dataset, so that the key needs no NULL.
    dataset_name   TEXT NOT NULL DEFAULT '',
    dataset_digest TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (model, key, run_id, dataset_name, dataset_digest, timestamp, step)
) STRICT, WITHOUT ROWID;

-- The logged models that a run took in or gave out.
CREATE TABLE run_models (
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    model_id  TEXT NOT NULL,
    step      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, direction, model_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_models_by_model ON run_models (model_id);

------------------------------------------------------------------------------------------------------------
-- Artifacts: names for blobs

CREATE TABLE artifacts (
    -- Relative to the root of artifacts, such as `3/<run>/artifacts/model/MLmodel`.
    path       TEXT PRIMARY KEY,
    sha256     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX artifacts_by_blob ON artifacts (sha256);

-- Multipart uploads. A completed one is kept for as long as an unfinished one, because its client may not
-- have got the answer and ask again.
CREATE TABLE uploads (
    id           TEXT PRIMARY KEY,
    path         TEXT NOT NULL,
    parts        INTEGER NOT NULL,
    -- Who began it: the parts come without credentials.
    actor        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    completed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_creation ON uploads (created_at);

CREATE TABLE upload_parts (
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    size   INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------------------------------------
-- Webhooks and what is to be delivered

CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT,
    url         TEXT NOT NULL,
    -- Signs deliveries, so it is kept as it is; never shown and never logged.
    secret      TEXT,
    status      TEXT NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_events (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    entity  TEXT NOT NULL,
    action  TEXT NOT NULL,
    PRIMARY KEY (webhook, entity, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_events_by_event ON webhook_events (entity, action);

CREATE TABLE deliveries (
    -- In the order of the changes.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What the receiver knows it by, the same at each attempt.
    delivery_id TEXT NOT NULL,
    webhook     TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    payload     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL,
    -- What the last attempt met: a status or why there was none.
    outcome     TEXT
) STRICT;

CREATE INDEX deliveries_by_turn ON deliveries (webhook, state, id);
CREATE INDEX deliveries_by_age ON deliveries (state, created_at);

------------------------------------------------------------------------------------------------------------
-- Access

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('viewer', 'publisher', 'manager', 'admin', 'gateway')),
    -- The gateway that the token is of.
    gateway    TEXT CHECK ((gateway IS NOT NULL) = (role = 'gateway')),
    -- The token itself is shown once and kept by its digest only.
    sha256     TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- Keys that the registry made for itself, such as the one that signs URLs.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
