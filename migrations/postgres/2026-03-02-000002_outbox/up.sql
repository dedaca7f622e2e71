-- Changes go out. A change gets its position when somebody numbers it after its commit, one numberer at a time: on
-- PostgreSQL `seq` may become visible out of order, `position` never does, and it has no gaps.
ALTER TABLE change ADD COLUMN position BIGINT;
CREATE UNIQUE INDEX change_position ON change (position) WHERE position IS NOT NULL;
CREATE INDEX change_unnumbered ON change (seq) WHERE position IS NULL;
CREATE INDEX change_kind ON change (kind, position);

-- One row: the last position given. Its lock makes numberers wait for each other.
CREATE TABLE feed_head (
    id INTEGER NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO feed_head (id, position) VALUES (0, 0);

-- Who gets which change. Everything up to `cursor` that concerns it has a delivery; everything after it waits in `change`.
CREATE TABLE subscription (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partner (id),
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    fields TEXT NOT NULL,
    personal TEXT NOT NULL,
    purpose TEXT NOT NULL,
    division TEXT,
    watched TEXT NOT NULL,
    message TEXT,
    answer TEXT,
    mode TEXT NOT NULL,
    url TEXT,
    status TEXT NOT NULL,
    stopped TEXT,
    "cursor" BIGINT NOT NULL,
    deadline_seconds BIGINT NOT NULL,
    expires_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX subscription_partner ON subscription (partner);

-- One change for one subscription: on its way, arrived, or refused with the reason. Its id is the receipt id that the
-- partner sees with every try.
CREATE TABLE delivery (
    id TEXT NOT NULL PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    partner TEXT NOT NULL,
    position BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    deadline_at TIMESTAMP NOT NULL,
    status INTEGER,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
-- Never two deliveries of one change to one subscription, whatever two processes believe.
CREATE UNIQUE INDEX delivery_position ON delivery (subscription_id, position);
CREATE INDEX delivery_record ON delivery (subscription_id, record_id, position);
CREATE INDEX delivery_partner ON delivery (partner, created_at);
-- Small: they hold only what waits.
CREATE INDEX delivery_open ON delivery (partner, tries, position) WHERE state = 'ready';
CREATE INDEX delivery_open_of ON delivery (subscription_id) WHERE state = 'ready';

-- Every try: what was sent and answered, cut and masked.
CREATE TABLE delivery_try (
    delivery_id TEXT NOT NULL REFERENCES delivery (id),
    n INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    ms INTEGER NOT NULL,
    status INTEGER,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (delivery_id, n)
);

-- The way to one partner: which process uses it, and whether its circuit lets anything through.
CREATE TABLE outlet (
    partner TEXT NOT NULL PRIMARY KEY REFERENCES partner (id),
    owner TEXT,
    lease_until TIMESTAMP,
    circuit TEXT NOT NULL,
    failures INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    open_until TIMESTAMP,
    note TEXT
);

-- Processes that deliver, so that they share the outlets evenly.
CREATE TABLE courier (
    id TEXT NOT NULL PRIMARY KEY,
    seen_at TIMESTAMP NOT NULL
);
