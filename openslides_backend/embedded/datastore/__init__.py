"""The datastore for one machine or on a PostgreSQL server: reader and writer of datastore.md as one application."""
