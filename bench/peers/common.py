"""The parts that all peers' scripts share: command line, stopwatch and result file.

One run: the script reads landing files, answers, and writes
{"stages": {"read": seconds, "answers": seconds, …}, "seconds": seconds, "answers": {"<query name>": [{column: value}, …]}}
to --result. With --serve it does one run for each line {"landing": …, "result": …} of its standard input and prints
"done" after each, so that an engine can be measured without its start.
"""

import argparse
import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

datasets = ("pin", "geo", "user")

AGE_GROUPS = ((18, 24, "18-24"), (25, 35, "25-35"), (36, 50, "36-50"), (51, None, "50+"))
LARGEST_INTEGER = 2**53 - 1


class Stopwatch:
    """Adds up the seconds of each stage."""

    def __init__(self):
        self.stages = {}

    @contextmanager
    def __call__(self, stage):
        start = time.perf_counter()
        yield
        self.stages[stage] = self.stages.get(stage, 0) + time.perf_counter() - start


@dataclass(frozen=True)
class Work:
    """One run: the folder that holds topics/, and the folder for the tables, if they are wanted."""

    landing: Path
    tables: Path | None
    result: Path
    stage: Stopwatch

    def files(self, dataset):
        """The landing files of a dataset, as a glob."""
        return str(self.landing / "topics" / dataset / "*" / "*.json")

    def table(self, layer, name):
        """The folder or file of a table to write; creates its parent."""
        assert self.tables is not None
        folder = self.tables / layer
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name


def main(answer, decode=None):
    """Runs a peer.

    answer(work) -> {query name: rows as dicts}; decode(work) only reads the JSON into columns.
    """
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--landing", type=Path)
    arguments.add_argument("--tables", type=Path, help="write the cleaned tables and answers here")
    arguments.add_argument("--result", type=Path)
    arguments.add_argument("--decode", action="store_true", help="read the JSON into columns, and no more")
    arguments.add_argument("--serve", action="store_true", help="do one run for each line of standard input")
    args = arguments.parse_args()
    if args.serve:
        print("ready", flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            run(decode if request["decode"] else answer, Path(request["landing"]), None, Path(request["result"]))
            print("done", flush=True)
    else:
        run(decode if args.decode else answer, args.landing, args.tables, args.result)


def run(function, landing, tables, result):
    work = Work(landing, tables, result, Stopwatch())
    start = time.perf_counter()
    answers = function(work)
    write_result(work, answers, time.perf_counter() - start)


def write_result(work, answers, seconds):
    work.result.write_text(json.dumps({"stages": work.stage.stages, "seconds": seconds, "answers": answers}))
