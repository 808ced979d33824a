# Databricks notebook source
# MAGIC %md
# MAGIC # Landing files to silver, quarantine and gold
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC - Reads the landing files that it has not read yet, by path, size and time of change, as `files_read` tells.
# MAGIC - `silver/<dataset>`: cleaned rows, each once. `quarantine/<dataset>`: lines that are no events, with file and reason.
# MAGIC - `gold/<query>`: the answers, each overwritten in one commit.
# MAGIC - `files_read` is committed last. Everything before can be done again without harm, so a run that was killed is simply
# MAGIC   run again. After a change to a rule, all files are read again.
# MAGIC - `npm run batch --lake` keeps the same tables: a lake may be written by either, in turn.

# COMMAND ----------

dbutils.widgets.text("landing", "dbfs:/mnt/pinterest/lake", "Folder that holds topics/")
dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("tables", "", "Schema of the answers' tables, after its catalog, if any")

# COMMAND ----------

# @include required.py


landing, lake = required("landing"), required("lake")
# @include spark_settings.py
# @note An object inside a field may have a key twice, and its line is well formed.
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")

# COMMAND ----------

COLUMNS, DECODE, CLEAN = {}, {}, {}

# COMMAND ----------

# @insert datasets

# COMMAND ----------

# Change when what a line means changes: then files that were read have to be read again.
RULES = {
    # @insert rules
}

# COMMAND ----------

GOLD = {}

# COMMAND ----------

# @insert queries

# COMMAND ----------

# MAGIC %md
# MAGIC ## Files that have not been read yet

# COMMAND ----------

import re
from functools import reduce

from pyspark.sql import DataFrame, functions as F

FILES_READ = f"{lake}/files_read"
FILES_COLUMNS = "dataset STRING, file STRING, size BIGINT, modified BIGINT, rules STRING"
# Spark writes paths with or without a scheme, but always with what follows it.
TOPICS = re.sub(r"^[A-Za-z0-9]+:/*", "/", landing) + "/topics/"


def relative(location):
    """The column of a path from `topics/` on."""
    return F.expr(f"concat('topics/', substring_index({location}, {quoted(TOPICS)}, -1))")


def quoted(text):
    """Text as a literal of Spark SQL."""
    escaped = "".join(f"\\u{ord(c):04x}" if c in "\\'\"$" else c for c in text)
    return f"'{escaped}'"


def landing_files():
    """All landing files: dataset, file (from `topics/` on), location, size in bytes, modified in ms since 1970."""
    found = (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.json")
        .load(f"{landing}/topics")
        .select(
            relative("path").alias("file"),
            F.col("path").alias("location"),
            F.col("length").alias("size"),
            F.unix_millis("modificationTime").alias("modified"),
        )
    )
    # A topic is named after its dataset, perhaps behind a user prefix and a point.
    topic = F.when(F.size(F.split("file", "/")) > 2, F.split("file", "/")[1])
    return found.withColumn("dataset", F.element_at(F.split(topic, "[.]"), -1)).where(F.col("dataset").isin(*DECODE))


def lines_of(locations):
    """The lines of files: file, text. Only \\n ends a line."""
    # The path that Spark tells is encoded as in a URL, where a plus sign stays as it is.
    path = "url_decode(replace(_metadata.file_path, '+', '%2B'))"
    lines = spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true").text(locations)
    return lines.select(relative(path).alias("file"), F.col("value").alias("text"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver and quarantine

# COMMAND ----------

# @include delta_functions.py

# COMMAND ----------

def persisted(rows):
    """The rows, kept until they are let go; serverless compute refuses that, and makes them again."""
    try:
        return rows.persist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
        return rows


def let_go(rows):
    """Lets go of rows that were kept."""
    try:
        rows.unpersist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise

# COMMAND ----------

QUARANTINE_COLUMNS = "file STRING, text STRING, reason STRING"


def replace_quarantined(bad, files, path):
    """Quarantines lines in place of what the table holds of their files."""
    table = DeltaTable.forPath(spark, path)
    # Most often it holds nothing of them: they are new.
    if not table.toDF().join(files, "file", "left_semi").isEmpty():
        table.alias("kept").merge(files.select("file").alias("new"), "kept.file = new.file").whenMatchedDelete().execute()
    if not bad.isEmpty():
        bad.write.format("delta").mode("append").save(path)


def read_landing(dataset, files, anew):
    """Adds what landing files hold to a dataset's silver and quarantine, or, anew, replaces both by it."""
    silver, quarantine = f"{lake}/silver/{dataset}", f"{lake}/quarantine/{dataset}"
    create_if_missing(spark, silver, COLUMNS[dataset])
    create_if_missing(spark, quarantine, QUARANTINE_COLUMNS)
    locations = [row.location for row in files.select("location").collect()]
    if not locations:
        return
    lines_of(locations).createOrReplaceTempView(f"{dataset}_lines")
    decoded = persisted(spark.sql(DECODE[dataset]))
    try:
        decoded.where("reason IS NULL").select("raw.*").createOrReplaceTempView(f"{dataset}_raw")
        cleaned = spark.sql(CLEAN[dataset])
        bad = decoded.where("reason IS NOT NULL").select("file", "text", "reason")
        if anew:
            overwrite(cleaned, silver)
            overwrite(bad, quarantine)
        else:
            store_as_delta(spark, cleaned, silver, cleaned.columns)
            replace_quarantined(bad, files, quarantine)
    finally:
        let_go(decoded)


def overwrite(rows, path):
    """Replaces a table in one commit."""
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.option("delta.enableDeletionVectors", "false").save(path)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Answers in the catalog

# COMMAND ----------

tables = dbutils.widgets.get("tables").strip()


def show_in_catalog(query):
    """Makes an answer's table, where it is missing, and tells the catalog of columns that have changed."""
    if tables:
        table = ".".join(f"`{name}`" for name in [*tables.split("."), query])
        spark.sql(f"CREATE TABLE IF NOT EXISTS {table} USING DELTA LOCATION {quoted(f'{lake}/gold/{query}')}")
        spark.sql(f"REPAIR TABLE {table} SYNC METADATA")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

def announce_rules(dataset, recorded):
    """Records by which rules silver is made, before it is, in a line without a file: if this run is killed, and a rule
    changes before the next, that one must know that silver may hold rows of other rules."""
    if recorded.where(F.col("file").isNull() & (F.col("rules") == RULES[dataset])).isEmpty():
        line = spark.createDataFrame([(dataset, None, None, None, RULES[dataset])], FILES_COLUMNS)
        line.write.format("delta").mode("append").save(FILES_READ)


create_if_missing(spark, FILES_READ, FILES_COLUMNS)
found = persisted(landing_files())
if found.isEmpty():
    raise FileNotFoundError(
        f"There are no landing files in {landing}: they are named like topics/pin/partition=0/pin+0+0000000000.json."
    )

files_read = spark.read.format("delta").load(FILES_READ)
read_now = []
for dataset in DECODE:
    present = found.where(F.col("dataset") == dataset)
    recorded = files_read.where(F.col("dataset") == dataset)
    anew = not recorded.where(F.col("rules") != RULES[dataset]).isEmpty()
    if anew:
        gone = recorded.where("file IS NOT NULL").join(present, "file", "left_anti").count()
        if gone > 0:
            raise RuntimeError(
                f"A rule of {dataset} has changed, and {gone} of the files that were read are no longer in {landing}: "
                f"bring them back, or move {lake}/silver/{dataset}, {lake}/quarantine/{dataset} and {FILES_READ} away."
            )
        new = present
    else:
        new = present.join(recorded, ["file", "size", "modified"], "left_anti")
    # What is listed now is what is read and recorded, whatever lands meanwhile.
    rows = [(dataset, row.file, row.location, row.size, row.modified, RULES[dataset]) for row in new.collect()]
    new = spark.createDataFrame(rows, "dataset STRING, file STRING, location STRING, size BIGINT, modified BIGINT, rules STRING")
    if anew or (rows and recorded.isEmpty()):
        announce_rules(dataset, recorded)
    read_landing(dataset, new, anew)
    read_now.append(new.drop("location"))
    print(f"{dataset}: {len(rows)} of {present.count()} landing files read now{' (a rule has changed)' if anew else ''}")

for dataset in DECODE:
    spark.read.format("delta").load(f"{lake}/silver/{dataset}").createOrReplaceTempView(dataset)
for query, statement in GOLD.items():
    overwrite(spark.sql(statement).coalesce(1), f"{lake}/gold/{query}")
    print(query)
    show_in_catalog(query)
    display(spark.read.format("delta").load(f"{lake}/gold/{query}"))

# Last: what says that all of this is done.
read = DeltaTable.forPath(spark, FILES_READ).alias("kept").merge(
    reduce(DataFrame.unionByName, read_now).alias("new"), "kept.dataset = new.dataset AND kept.file = new.file"
)
done = read.whenMatchedUpdateAll().whenNotMatchedInsertAll()
announced = F.col("kept.file").isNull() & F.col("kept.dataset").isin(*DECODE)
done.whenNotMatchedBySourceDelete(announced).execute()
let_go(found)
