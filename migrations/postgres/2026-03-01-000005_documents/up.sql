CREATE TABLE document (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    template_version TEXT NOT NULL,
    form TEXT NOT NULL,
    record_kind TEXT,
    record_id TEXT REFERENCES record (id),
    department TEXT,
    division TEXT,
    holder TEXT,
    series TEXT,
    number TEXT,
    signer TEXT,
    signed_on DATE,
    issued_at TIMESTAMP,
    served_at TIMESTAMP,
    archived_at TIMESTAMP,
    verify_code TEXT,
    sha256 TEXT,
    replaces TEXT REFERENCES document (id),
    replaced_by TEXT REFERENCES document (id),
    void_reason TEXT,
    voided_at TIMESTAMP,
    demo BOOLEAN NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX document_number ON document (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX document_verify_code ON document (verify_code) WHERE verify_code IS NOT NULL;
CREATE INDEX document_state ON document (state, updated_at);
CREATE INDEX document_kind ON document (kind, updated_at);
CREATE INDEX document_updated_at ON document (updated_at);
CREATE INDEX document_record_id ON document (record_id);
CREATE INDEX document_replaces ON document (replaces);
CREATE INDEX document_replaced_by ON document (replaced_by);

CREATE TABLE document_event (
    document_id TEXT NOT NULL REFERENCES document (id),
    n INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    opinion TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (document_id, n)
);

-- Every value a document printed, and the claim it was printed from.
CREATE TABLE document_value (
    document_id TEXT NOT NULL REFERENCES document (id),
    name TEXT NOT NULL,
    printed TEXT NOT NULL,
    value TEXT NOT NULL,
    record_kind TEXT,
    record_id TEXT REFERENCES record (id),
    record_version INTEGER,
    field TEXT,
    claim_id TEXT REFERENCES claim (id),
    message_id TEXT REFERENCES message (id),
    place TEXT,
    department TEXT,
    source_at TIMESTAMP,
    overridden BOOLEAN NOT NULL,
    override_reason TEXT,
    override_by TEXT,
    PRIMARY KEY (document_id, name)
);
CREATE INDEX document_value_record_id ON document_value (record_id, field);
CREATE INDEX document_value_claim_id ON document_value (claim_id);
CREATE INDEX document_value_message_id ON document_value (message_id);

CREATE TABLE document_file (
    id TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES document (id),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    pages INTEGER,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    bytes BYTEA NOT NULL
);
CREATE INDEX document_file_document_id ON document_file (document_id);
CREATE INDEX document_file_sha256 ON document_file (sha256);

CREATE TABLE number_series (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    pattern TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- The last number of each series and year. It moves in the transaction that registers the number, so no gap can arise.
CREATE TABLE number_counter (
    series TEXT NOT NULL REFERENCES number_series (id),
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (series, year)
);

-- The register (文号簿): a row is never deleted and a number never used twice.
CREATE TABLE number_register (
    series TEXT NOT NULL REFERENCES number_series (id),
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    document_id TEXT REFERENCES document (id),
    manual BOOLEAN NOT NULL,
    reason TEXT,
    taken_at TIMESTAMP NOT NULL,
    taken_by TEXT NOT NULL,
    PRIMARY KEY (series, year, n)
);
CREATE UNIQUE INDEX number_register_number ON number_register (number);
CREATE UNIQUE INDEX number_register_document_id ON number_register (document_id) WHERE document_id IS NOT NULL;
