ALTER TABLE document_file DROP COLUMN service_id;
DROP TABLE document_service;
