-- Documents of one kind issued together: one decision of each person over all of them, one row for each document to be.
CREATE TABLE document_batch (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    template_version TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    heads TEXT NOT NULL,
    ignored TEXT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    department TEXT,
    division TEXT,
    signed_on DATE,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    demo BOOLEAN NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX document_batch_updated_at ON document_batch (updated_at);
CREATE INDEX document_batch_sha256 ON document_batch (sha256);

-- A row of the sheet or a record of the query. Once done, its document is there whole.
CREATE TABLE document_batch_item (
    batch_id TEXT NOT NULL REFERENCES document_batch (id),
    row INTEGER NOT NULL,
    title TEXT NOT NULL,
    cells TEXT NOT NULL,
    form TEXT NOT NULL,
    record_id TEXT REFERENCES record (id),
    reason TEXT,
    pages INTEGER,
    state TEXT NOT NULL,
    fault TEXT,
    problems TEXT NOT NULL,
    document_id TEXT REFERENCES document (id),
    settled_at TIMESTAMP,
    PRIMARY KEY (batch_id, row)
);
CREATE INDEX document_batch_item_state ON document_batch_item (batch_id, state, row);
CREATE INDEX document_batch_item_record_id ON document_batch_item (record_id);
CREATE UNIQUE INDEX document_batch_item_document_id ON document_batch_item (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE document_batch_event (
    batch_id TEXT NOT NULL REFERENCES document_batch (id),
    n INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    opinion TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (batch_id, n)
);
