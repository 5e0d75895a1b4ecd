"""Tables of the datastore.

A model is one row of `models` with its fields as JSON, except long lists: those have a row for each item in
`list_items`, so that adding to a list costs the same whatever its length. `models.lists` names the fields that are kept
there. What filters and aggregates look for has entries in `entries` (see `indexing`). `events` is the history: what was
done to which model in which position, as it was asked for.
"""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, SmallInteger, Table, Text

METADATA = MetaData()

Table(
    "models",
    METADATA,
    Column("collection", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("deleted", SmallInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("lists", Text, nullable=False),
)

Table(
    "list_items",
    METADATA,
    Column("fqfield", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    Index("list_items_value", "fqfield", "value"),
    sqlite_with_rowid=False,
)

Table(
    "entries",
    METADATA,
    Column("collection", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("deleted", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Float(53), primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

Table(
    "positions",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("information", Text),
)

Table(
    "events",
    METADATA,
    Column("collection", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("events_model", "collection", "id", "position"),
    sqlite_with_rowid=False,
)

Table(
    "sequences",
    METADATA,
    Column("collection", Text, primary_key=True),
    Column("last_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "state",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("migration_index", BigInteger, nullable=False),
    Column("indexes", Text, nullable=False),
)

EMPTIED_BY_TRUNCATE = ("models", "list_items", "entries", "positions", "events", "sequences")
