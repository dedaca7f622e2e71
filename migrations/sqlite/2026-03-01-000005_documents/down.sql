DROP TABLE number_register;
DROP TABLE number_counter;
DROP TABLE number_series;
DROP TABLE document_file;
DROP TABLE document_value;
DROP TABLE document_event;
DROP TABLE document;
