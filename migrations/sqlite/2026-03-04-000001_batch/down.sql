DROP TABLE document_batch_event;
DROP TABLE document_batch_item;
DROP TABLE document_batch;
