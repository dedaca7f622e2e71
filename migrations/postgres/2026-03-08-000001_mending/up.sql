-- One decision over the messages that wait in quarantine for the same reason: what is read otherwise, and how far it has come.
CREATE TABLE mending (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partner (id),
    name TEXT NOT NULL,
    cause TEXT,
    substitutions TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    after_id TEXT NOT NULL,
    until_id TEXT NOT NULL,
    total INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX mending_group ON mending (partner, name, cause);
