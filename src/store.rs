//! Memory: connections, migrations, queries. The only door to the database.
