-- Who sends, and what came, byte for byte. No secret stands here: a key's secret is derived from the master key and its id.
CREATE TABLE partner (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    department TEXT NOT NULL,
    division TEXT,
    status TEXT NOT NULL,
    ip_allow TEXT NOT NULL,
    quota_per_minute INTEGER,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE partner_key (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partner (id),
    scheme TEXT NOT NULL,
    status TEXT NOT NULL,
    public_key TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    last_used_at TIMESTAMP
);
CREATE INDEX partner_key_partner ON partner_key (partner);

-- A nonce is kept until the clock window of its request has passed.
CREATE TABLE nonce (
    partner TEXT NOT NULL REFERENCES partner (id),
    value TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (partner, value)
) WITHOUT ROWID;
CREATE INDEX nonce_expires_at ON nonce (expires_at);

-- `raw` stands last so that lists never read it; a bulk file keeps its bytes in message_part instead.
CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partner (id),
    name TEXT NOT NULL,
    mapping_version INTEGER,
    message_key TEXT,
    idempotency_key TEXT,
    key_id TEXT,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    cause TEXT,
    received_at TIMESTAMP NOT NULL,
    content_type TEXT,
    charset TEXT,
    file_name TEXT,
    division TEXT,
    trace_id TEXT,
    size BIGINT NOT NULL,
    record_count INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    problems TEXT NOT NULL,
    replayed_from TEXT REFERENCES message (id),
    settled_at TIMESTAMP,
    settled_by TEXT,
    settled_note TEXT,
    raw BLOB NOT NULL
);
-- Only an outcome that stands blocks a repetition: a refused or quarantined first try can be sent again.
CREATE UNIQUE INDEX message_idempotency ON message (partner, idempotency_key)
    WHERE idempotency_key IS NOT NULL AND state IN ('accepted', 'partial', 'resolved');
CREATE UNIQUE INDEX message_content ON message (partner, name, message_key, digest)
    WHERE message_key IS NOT NULL AND state IN ('accepted', 'partial', 'resolved');
CREATE INDEX message_partner ON message (partner, received_at);
CREATE INDEX message_received_at ON message (received_at);
CREATE INDEX message_digest ON message (digest);
CREATE INDEX message_key ON message (message_key) WHERE message_key IS NOT NULL;
-- Small: they hold only what waits.
CREATE INDEX message_quarantine ON message (partner, name, cause) WHERE state = 'quarantined';
CREATE INDEX message_quarantine_digest ON message (digest) WHERE state = 'quarantined';
CREATE INDEX message_quarantine_idempotency ON message (idempotency_key) WHERE state = 'quarantined';
CREATE INDEX message_replayed_from ON message (replayed_from) WHERE replayed_from IS NOT NULL;

CREATE TABLE message_part (
    message_id TEXT NOT NULL REFERENCES message (id),
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (message_id, n)
);

-- Rows of a bulk file that were refused or warned about; an accepted row is known by its claim.
CREATE TABLE message_row (
    message_id TEXT NOT NULL REFERENCES message (id),
    "row" INTEGER NOT NULL,
    state TEXT NOT NULL,
    problems TEXT NOT NULL,
    PRIMARY KEY (message_id, "row")
);
