DROP TABLE setting;
DROP TABLE session;
DROP TABLE role_assignment;
DROP TABLE account;
