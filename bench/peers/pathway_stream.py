"""Pathway over a stream: landing files in streaming mode → cleaned rows as JSON lines → nine answers, kept up to date.

pathway_peer.py lists what it leaves out.
"""

import os
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pathway as pw
from common import datasets, main, write_result
from pathway_peer import Rows, cleaned, queries, read, run

# A stream has no end. It counts as ended when all events are read and no answer has changed for so long; that time is
# not counted.
QUIET_SECONDS = 5


class Progress:
    """The number of events read, and the time of the last change."""

    def __init__(self):
        self.read = 0
        self.last_change = time.perf_counter()

    def count(self, key, row, time, is_addition):
        self.read += row["events"] if is_addition else -row["events"]
        self.note()

    def note(self):
        self.last_change = time.perf_counter()

    def wait_for(self, events):
        while self.read < events or time.perf_counter() - self.last_change < QUIET_SECONDS:
            time.sleep(0.05)


class WatchedRows(Rows):
    def __init__(self, progress):
        super().__init__()
        self.progress = progress

    def change(self, key, row, time, is_addition):
        super().change(key, row, time, is_addition)
        self.progress.note()


def answer(work):
    lines = sum(file.read_bytes().count(b"\n") for file in Path(work.landing, "topics").glob("*/*/*.json"))
    progress = Progress()
    answers = {}
    with TemporaryDirectory() as silver:
        tables = []
        for dataset in datasets:
            raw = read(work, dataset, mode="streaming", autocommit_duration_ms=300)
            pw.io.subscribe(raw.groupby().reduce(events=pw.reducers.count()), on_change=progress.count)
            tables.append(cleaned(raw, dataset))
            pw.io.jsonlines.write(tables[-1], f"{silver}/{dataset}.jsonl")
        for name, table in queries(*tables).items():
            answers[name] = WatchedRows(progress)
            pw.io.subscribe(table, on_change=answers[name].change)
        start = time.perf_counter()

        def end():
            progress.wait_for(lines)
            work.stage.stages["stream"] = progress.last_change - start
            write_result(work, {name: rows.in_order() for name, rows in answers.items()}, progress.last_change - start)
            os._exit(0)

        threading.Thread(target=end).start()
        run()


if __name__ == "__main__":
    main(answer)
