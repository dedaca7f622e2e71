-- What did not arrive is looked for by people and is to stay small; the log is read from its newest end.
CREATE INDEX delivery_missing ON delivery (subscription_id, created_at) WHERE state IN ('refused', 'dead');
CREATE INDEX delivery_created ON delivery (created_at, id);
