# The work of bench/spark.ts, in a session of Spark: our notebooks, and the plain one that a good engineer would write by hand.
import glob
import sys
import time
import types

from pyspark.sql import functions as F
from spark_sql import QUERIES, CLEAN, RAW


def plain_notebook(landing, lake):
    """Reads all JSON with a schema, cleans, and overwrites silver and the answers: everything anew each time."""
    for dataset in RAW:
        files = [*glob.glob(f"{landing}/topics/{dataset}"), *glob.glob(f"{landing}/topics/*.{dataset}")]
        rows = spark.read.schema(RAW[dataset]).option("mode", "DROPMALFORMED").option("recursiveFileLookup", "true").json(files)
        rows.createOrReplaceTempView(f"raw_{dataset}")
        spark.sql(CLEAN[dataset]).distinct().write.format("delta").mode("overwrite").save(f"{lake}/silver/{dataset}")
        spark.read.format("delta").load(f"{lake}/silver/{dataset}").createOrReplaceTempView(dataset)
    for name, query in QUERIES.items():
        spark.sql(query).coalesce(1).write.format("delta").mode("overwrite").save(f"{lake}/gold/{name}")


def our_notebook(source, landing, lake):
    run_notebook(source, {"landing": landing, "lake": lake})


def answers_from_states(source, lake):
    """All answers as our notebook makes them, without their tables."""
    scope = {"__name__": "__main__", "spark": spark, "display": print, "dbutils": Utilities({"landing": lake, "lake": lake})}
    exec(compile(definitions_of(source), "<notebook>", "exec"), scope)
    spark.read.format("delta").load(scope["STATES_TABLE"]).createOrReplaceTempView("`states of answers`")
    for query in scope["GOLD"].values():
        spark.sql(query).collect()


def definitions_of(source):
    """A notebook without its last part."""
    return source[: source.rindex("# MAGIC %md\n# MAGIC ## The run")]


def micro_batches(source, lake):
    """The function that our streaming notebook gives micro-batches of pins to, and one that makes such a batch of lines."""
    scope = {"__name__": "__main__", "spark": spark, "display": print}
    # Asks for the age of a stream, which nobody does here.
    sys.modules.setdefault("boto3", types.ModuleType("boto3"))
    scope["dbutils"] = Utilities({"lake": lake, "region": "eu-west-1", "userPrefix": "", "trigger": "availableNow"})
    exec(compile(definitions_of(source), "<notebook>", "exec"), scope)
    scope["create_if_missing"](spark, scope["silver_of"]("pin"), scope["COLUMNS"]["pin"])
    scope["create_if_missing"](spark, scope["quarantine_of"]("pin"), scope["QUARANTINE_COLUMNS"])

    def batch_of(folder):
        lines = spark.read.option("recursiveFileLookup", "true").text(f"{folder}/topics/pin")
        numbered = "CAST(monotonically_increasing_id() AS STRING) AS sequenceNumber"
        arrived = "current_timestamp() AS approximateArrivalTimestamp"
        data = "CAST(value AS BINARY) AS data"
        return scope["deserialise"](lines.selectExpr("'pin' AS stream", "'0' AS shardId", numbered, arrived, data))

    return lambda folder: scope["store_batch"]("pin")(batch_of(folder), 0)


def totals():
    """Jobs, and bytes and rows that tasks have read, since the session began."""
    store = spark.sparkContext._jsc.sc().statusStore()
    stages = store.stageList(None, False, False, spark.sparkContext._gateway.new_array(spark._jvm.double, 0), None)
    done = [stages.apply(at) for at in range(stages.size())]
    return [store.jobsList(None).size(), sum(stage.inputBytes() for stage in done), sum(stage.inputRecords() for stage in done)]


def commits_of(lake):
    return len(glob.glob(f"{lake}/**/_delta_log/*[0-9].json", recursive=True))


def measured(work, lake):
    """Does some work, and tells what it took."""
    before, commits, start = totals(), commits_of(lake), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    jobs, bytes_read, rows_read = (after - old for after, old in zip(totals(), before))
    return {"seconds": seconds, "jobs": jobs, "commits": commits_of(lake) - commits, "bytes": bytes_read, "rows": rows_read}


def differing(lake, other):
    """The answers of two lakes that differ."""
    rows = lambda at, name: spark.read.format("delta").load(f"{at}/gold/{name}").collect()
    return [name for name in QUERIES if sorted(map(str, rows(lake, name))) != sorted(map(str, rows(other, name)))]
