-- Reports that wait to be delivered, in the order in which they happened.
CREATE TABLE reports (
    -- Never given twice, not even after the last report was delivered: the registry takes each number once.
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    weight   INTEGER NOT NULL,
    event    TEXT NOT NULL
) STRICT;

CREATE INDEX reports_by_weight ON reports (weight, sequence);

-- One row: the id that the registry knows this queue by.
CREATE TABLE queue (id TEXT NOT NULL) STRICT;

-- Reports that were thrown away, by reason; times are of those that the registry was not told of yet.
CREATE TABLE lost (
    reason   TEXT PRIMARY KEY,
    total    INTEGER NOT NULL,
    untold   INTEGER NOT NULL,
    first_at INTEGER,
    last_at  INTEGER
) STRICT, WITHOUT ROWID;
