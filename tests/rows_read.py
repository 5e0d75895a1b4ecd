"""Which rows PostgreSQL has read, as it counts them itself."""

import time
from dataclasses import dataclass

import psycopg

_SECONDS = 20
_INTERVAL = 0.02
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_READ = (
    "SELECT t.relname, t.seq_tup_read, sum(i.idx_tup_read)::bigint"
    " FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid) GROUP BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class RowsRead:
    """How many rows of a table were read because it was read as a whole, and how many entries of its indexes."""

    in_turn: int
    by_index: int


def rows_read(url: str) -> dict[str, RowsRead]:
    """The rows that have been read since the database was made, by table.

    All others must have closed their connections: what was done over them is counted then.
    """
    deadline = time.monotonic() + _SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(_OTHERS).fetchone() != (0,):
            assert time.monotonic() < deadline, "there are connections to the database"
            time.sleep(_INTERVAL)
        return {name: RowsRead(in_turn, by_index) for name, in_turn, by_index in connection.execute(_READ)}
