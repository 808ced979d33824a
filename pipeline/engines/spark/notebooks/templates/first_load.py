# @note A load into tables without rows: lines need not be counted before they are written.
from threading import Thread

from pyspark.sql import Observation


def observed_lines(lines, key, given):
    """Cleaned lines that are counted while they are written, and what tells the counts afterwards, given what tells the number of lines.

    It tells None where a look of their own must count them: Spark Connect gives nothing of what was observed while writing, and
    a part that Spark has done twice is observed twice. Each part is observed at least once, so the number of lines shows that.
    """
    observation = Observation()
    wanted = ["count(*)", *counts_of(key, given)]
    observed = lines.observe(observation, *[F.expr(of).alias(f"count_{at}") for at, of in enumerate(wanted)])

    def told(number_of_lines):
        found = {}
        # A driver with too much to do may drop the news, and waits for it for ever.
        waiting = Thread(target=lambda: found.update(observation.get), daemon=True)
        waiting.start()
        waiting.join(60)
        total, bad, least, greatest, *made_null = [found.get(f"count_{at}") for at in range(len(wanted))]
        return Counted(bad, least, greatest, made_null) if found and total == number_of_lines() else None

    return observed, told
