-- 送达: one row for each recipient and attempt; what was written at the end of it is the receipt.
CREATE TABLE document_service (
    id TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES document (id),
    recipient TEXT NOT NULL,
    method TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL,
    started_on DATE NOT NULL,
    due_on DATE,
    due_rule TEXT,
    served_at TIMESTAMP,
    receipt TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    settled_by TEXT,
    settled_at TIMESTAMP
);
CREATE INDEX document_service_document_id ON document_service (document_id);
CREATE INDEX document_service_state ON document_service (state, due_on);

-- The service a receipt, photograph or scan belongs to.
ALTER TABLE document_file ADD COLUMN service_id TEXT;
