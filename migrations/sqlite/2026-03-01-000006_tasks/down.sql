DROP TABLE task_event;
DROP TABLE task_department;
DROP TABLE task;
DROP TABLE plan;
