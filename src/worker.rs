//! Background work: jobs claimed by lease, done, repeated or given up.
