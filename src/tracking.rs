//! Who does what by when: tasks, deadlines in working days, lights.
