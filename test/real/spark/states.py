# The batch notebook up to its run, over lakes whose silver tests write themselves, and its answers held against all rows.
def opened(lake):
    """The notebook's functions for a lake."""
    scope = {"__name__": "__main__", "spark": spark, "dbutils": Utilities({"landing": "/no landing", "lake": lake}), "display": print}
    exec(compile(DEFINITIONS, "<notebook>", "exec"), scope)
    return scope


def append(book, rows):
    """Adds rows to silver, by dataset, as a run does, and makes its tables."""
    for dataset, added in rows.items():
        book["write"](added, book["silver_of"](dataset), **book["CHANGE_FEED"])


def keep(book):
    """Brings the states up to date as a run does."""
    book["keep_states"](book["commits_of_silver"](), book["read_erasures"](spark))


def wrong(book):
    """The tuples whose count differs from what all rows of silver give."""
    for dataset in book["DECODE"]:
        spark.read.format("delta").load(book["silver_of"](dataset)).createOrReplaceTempView(dataset)
    whole = book["states_of"](book["whole_tuples"](book["STATES"]), None, [], {})
    both = whole.unionByName(spark.read.format("delta").load(book["STATES_TABLE"]).withColumn("rows", -F.col("rows")))
    differing = both.where("state <> 'seen'").groupBy("state", "cells").agg(F.sum("rows").alias("rows")).where("rows <> 0")
    # Of a state that keeps the first tuples alone, their counts mean nothing.
    return [list(row) for row in differing.where(~F.col("state").isin([name for name, of in book["STATES"].items() if of["place"]])).collect()]


def wrong_answers(book):
    """The answers from states that differ from those from all rows."""
    for dataset in book["DECODE"]:
        spark.read.format("delta").load(book["silver_of"](dataset)).createOrReplaceTempView(dataset)
    spark.read.format("delta").load(book["STATES_TABLE"]).createOrReplaceTempView("`states of answers`")
    return [name for name, sql in PLANS.items() if spark.sql(sql).collect() != spark.sql(book["GOLD"][name]).collect()]


def commits(book):
    """The number of commits to the table of states."""
    return spark.sql(f"DESCRIBE HISTORY delta.`{book['STATES_TABLE']}`").count()


def pieces(seed, runs):
    """All rows, cut at random into runs; not every run has rows of every dataset."""
    cut = lambda dataset: spark.table(f"all_{dataset}").withColumn("run", F.expr(f"pmod(xxhash64({seed}, to_json(struct(*))), {runs})"))
    parts = {dataset: cut(dataset) for dataset in ("pin", "geo", "user")}
    return [{dataset: part.where(F.col("run") == run).drop("run") for dataset, part in parts.items()} for run in range(runs)]
