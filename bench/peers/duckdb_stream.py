"""DuckDB over a stream: each refresh takes the next file of each dataset in, keeps new rows as one more Parquet file, and
runs the nine queries over everything again.

duckdb_peer.py lists what it leaves out.
"""

import os
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from common import datasets, main
from duckdb_peer import answers_of, cleaned, connect


def answer(work):
    with TemporaryDirectory() as silver:
        return answers_in(work, Path(silver))


def answers_in(work, silver):
    database = connect()
    database.execute(f"SET threads = {len(os.sched_getaffinity(0))}")
    files = [sorted(Path(work.landing, "topics", dataset).glob("*/*.json")) for dataset in datasets]
    answers = {}
    with work.stage("stream"):
        for refresh, arrived in enumerate(zip_longest(*files)):
            for dataset, file in zip(datasets, arrived):
                if file is not None:
                    take_in(database, dataset, file, silver / f"{dataset}-{refresh}.parquet")
            answers = answers_of(database)
    return answers


def take_in(database, dataset, file, parquet):
    rows = cleaned(dataset, file)
    database.execute(f"CREATE TABLE IF NOT EXISTS {dataset} AS FROM ({rows}) LIMIT 0")
    # An existing row has an existing key, so few rows are compared in all columns.
    database.execute(f"CREATE OR REPLACE TEMP TABLE arrived AS {rows}")
    database.execute(
        f"""CREATE OR REPLACE TEMP TABLE fresh AS FROM arrived EXCEPT
            FROM {dataset} WHERE ind IN (SELECT ind FROM arrived)"""
    )
    database.execute(f"COPY fresh TO '{parquet}'")
    database.execute(f"INSERT INTO {dataset} FROM fresh")


if __name__ == "__main__":
    main(answer)
