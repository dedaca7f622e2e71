-- One record per real thing. `body` is computed from the claims; `sources` names the claim behind every field.
-- `version` grows when the body changes, `revision` whenever a claim was weighed: it is the compare-and-set of writers.
CREATE TABLE record (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    division TEXT,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    sources TEXT NOT NULL,
    message_id TEXT REFERENCES message (id),
    created_at TIMESTAMP NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX record_kind ON record (kind, updated_at);
CREATE INDEX record_message_id ON record (message_id);

-- Versions that are no longer current; the current one is the record itself.
CREATE TABLE record_version (
    record_id TEXT NOT NULL REFERENCES record (id),
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    division TEXT,
    body TEXT NOT NULL,
    sources TEXT NOT NULL,
    message_id TEXT REFERENCES message (id),
    valid_from TIMESTAMP NOT NULL,
    valid_to TIMESTAMP NOT NULL,
    PRIMARY KEY (record_id, version)
);
CREATE INDEX record_version_message_id ON record_version (message_id);

CREATE TABLE record_key (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (kind, name, value)
) WITHOUT ROWID;
CREATE INDEX record_key_record_id ON record_key (record_id);
CREATE INDEX record_key_value ON record_key (value);

-- Narrow on purpose: a search reads this table from end to end.
CREATE TABLE record_search (
    record_id TEXT NOT NULL PRIMARY KEY REFERENCES record (id),
    kind TEXT NOT NULL,
    division TEXT,
    updated_at TIMESTAMP NOT NULL,
    text TEXT NOT NULL
);

-- What one department says about one thing, from one message: one row per (record, message row), its fields packed.
-- The record may be written after its claim in the same transaction, hence the deferred reference.
CREATE TABLE claim (
    id TEXT NOT NULL PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    message_id TEXT NOT NULL REFERENCES message (id),
    kind TEXT NOT NULL,
    department TEXT NOT NULL,
    partner TEXT NOT NULL,
    mapping TEXT NOT NULL,
    "row" INTEGER,
    "current" BOOLEAN NOT NULL,
    claimed_at TIMESTAMP NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX claim_record_id ON claim (record_id, "current");
CREATE INDEX claim_message_id ON claim (message_id, "row");

CREATE TABLE discrepancy (
    id TEXT NOT NULL PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES record (id),
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    division TEXT,
    winner_department TEXT NOT NULL,
    winner_value TEXT NOT NULL,
    winner_claim_id TEXT NOT NULL REFERENCES claim (id) DEFERRABLE INITIALLY DEFERRED,
    other_department TEXT NOT NULL,
    other_value TEXT NOT NULL,
    other_claim_id TEXT NOT NULL REFERENCES claim (id) DEFERRABLE INITIALLY DEFERRED,
    state TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    due_on DATE,
    assignee TEXT,
    closed_at TIMESTAMP,
    resolution TEXT
);
CREATE UNIQUE INDEX discrepancy_open ON discrepancy (record_id, field, other_department) WHERE state <> 'closed';
CREATE INDEX discrepancy_record_id ON discrepancy (record_id);
CREATE INDEX discrepancy_winner_claim_id ON discrepancy (winner_claim_id);
CREATE INDEX discrepancy_other_claim_id ON discrepancy (other_claim_id);
CREATE INDEX discrepancy_state ON discrepancy (state, opened_at);

-- What changed, in order, for those who were promised to hear of it.
CREATE TABLE change (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    record_id TEXT NOT NULL REFERENCES record (id),
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    division TEXT,
    message_id TEXT REFERENCES message (id),
    fields TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX change_record_id ON change (record_id);
CREATE INDEX change_message_id ON change (message_id);
CREATE INDEX change_at ON change (at);
