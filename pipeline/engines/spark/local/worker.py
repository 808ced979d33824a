"""Runs Python sources one after another: a JSON request a line on standard input, a JSON reply a line on
descriptor 3, so that whatever the sources print does not mix with the replies.

A source finds what was handed over in `input` and leaves its result in `output`. Names stay from one source to
the next, as in a notebook.
"""

import base64
import datetime
import decimal
import json
import math
import os
import sys
import traceback

LARGEST_SAFE_INTEGER = 2**53 - 1


def plain(value):
    """A value as JSON says it: what JavaScript would lose (big integers, decimals, times, NaN) becomes text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if hasattr(value, "asDict"):  # pyspark.sql.Row
        return plain(value.asDict())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):  # NumPy's scalars
        return plain(value.item())
    raise TypeError(f"{type(value).__name__} has no JSON form: {value!r}")


def serve(requests, replies):
    names = {"__name__": "__main__"}
    for line in requests:
        request = json.loads(line)
        names["input"], names["output"] = request["input"], None
        try:
            exec(compile(request["source"], request["name"], "exec"), names)
            reply = {"output": plain(names["output"])}
        except BaseException:  # also SystemExit: a source that leaves is an answer, not the worker's end
            reply = {"error": traceback.format_exc()}
        sys.stdout.flush()
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    with os.fdopen(3, "w") as replies:
        serve(sys.stdin, replies)
