DROP TABLE audit_head;
DROP TABLE audit;
DROP TABLE job_order;
DROP TABLE job;
