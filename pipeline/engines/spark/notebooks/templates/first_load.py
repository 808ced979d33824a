# @note A load into tables without rows: lines need not be counted before they are written.
from threading import Thread

from pyspark.sql import Observation


# Marks the first line of each of the parts in which Spark works: `monotonically_increasing_id` counts a part's rows in its lower 33 bits.
PART_BEGUN = "CASE WHEN monotonically_increasing_id() & 8589934591 = 0 THEN spark_partition_id() END AS `part begun`"


def observed_lines(lines, key, given):
    """Cleaned lines that are counted while they are written, and what tells the counts afterwards.

    It tells None where a look of their own must count them: Spark Connect gives nothing of what was observed while writing, and
    a part that Spark has done twice is observed twice, from its first line on.
    """
    observation = Observation()
    placed = lines.selectExpr("*", PART_BEGUN)
    wanted = ["count(`part begun`)", "size(collect_set(`part begun`))", *counts_of(key, given)]
    observed = placed.observe(observation, *[F.expr(of).alias(f"count_{at}") for at, of in enumerate(wanted)])

    def told():
        found = {}
        # A driver with too much to do may drop the news, and waits for it for ever.
        waiting = Thread(target=lambda: found.update(observation.get), daemon=True)
        waiting.start()
        waiting.join(60)
        begun, parts, bad, least, greatest, *made_null = [found.get(f"count_{at}") for at in range(len(wanted))]
        return Counted(bad, least, greatest, made_null) if found and begun == parts else None

    return observed, told
