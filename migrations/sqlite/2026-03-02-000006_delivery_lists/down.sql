DROP INDEX delivery_created;
DROP INDEX delivery_missing;
