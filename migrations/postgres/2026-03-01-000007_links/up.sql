-- What a record refers to, by the business key it names. The target may not have arrived yet: the row then waits for it.
CREATE TABLE record_link (
    record_id TEXT NOT NULL REFERENCES record (id),
    field TEXT NOT NULL,
    kind TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_key TEXT NOT NULL,
    target_value TEXT NOT NULL,
    PRIMARY KEY (record_id, field)
);
CREATE INDEX record_link_target ON record_link (target_kind, target_key, target_value);
