DROP TABLE mending;
