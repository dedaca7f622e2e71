DROP TABLE record_link;
