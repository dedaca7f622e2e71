-- Work to be done later, enqueued in the transaction that makes it necessary.
CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    order_key TEXT,
    order_n BIGINT,
    dedup_key TEXT,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    run_at TIMESTAMP NOT NULL,
    tries INTEGER NOT NULL,
    max_tries INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX job_due ON job (state, priority, run_at);
-- Two jobs of one key never run at once, whatever two workers believe.
CREATE UNIQUE INDEX job_one_running_per_key ON job (order_key) WHERE order_key IS NOT NULL AND state = 'running';
CREATE UNIQUE INDEX job_order_n ON job (order_key, order_n) WHERE order_key IS NOT NULL;
CREATE UNIQUE INDEX job_dedup ON job (dedup_key) WHERE dedup_key IS NOT NULL AND state IN ('ready', 'running');

-- The last number given under each key. Its row lock makes the numbers follow the order of commits.
CREATE TABLE job_order (
    order_key TEXT NOT NULL PRIMARY KEY,
    last_n BIGINT NOT NULL
) WITHOUT ROWID;

-- Append-only. Each lane is an SM3 hash chain of its own, so that concurrent transactions need not wait for each other.
CREATE TABLE audit (
    lane INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    trace_id TEXT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (lane, seq)
) WITHOUT ROWID;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object_kind, object_id);

CREATE TABLE audit_head (
    lane INTEGER NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (lane, seq, hash) VALUES (0, 0, '0000000000000000000000000000000000000000000000000000000000000000');
