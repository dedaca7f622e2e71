DROP TABLE change;
DROP TABLE discrepancy;
DROP TABLE claim;
DROP TABLE record_search;
DROP TABLE record_key;
DROP TABLE record_version;
DROP TABLE record;
