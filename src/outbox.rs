//! Changes go out to the departments that need them.
