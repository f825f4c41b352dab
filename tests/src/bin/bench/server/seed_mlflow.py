"""Copies version 1 of a model in the real server's database until there are as many as asked for."""

import sqlite3
import sys

database, model, versions = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = sqlite3.connect(database, timeout=60)
connection.row_factory = sqlite3.Row
first = connection.execute("SELECT * FROM model_versions WHERE name = ? AND version = 1", (model,)).fetchone()


def copy(version):
    row = dict(first)
    row["version"] = version
    row["creation_time"] += version * 10
    row["last_updated_time"] += version * 10
    return row


with connection:
    columns = first.keys()
    values = ", ".join(f":{column}" for column in columns)
    connection.executemany(
        f"INSERT INTO model_versions ({', '.join(columns)}) VALUES ({values})", map(copy, range(2, versions + 1))
    )
