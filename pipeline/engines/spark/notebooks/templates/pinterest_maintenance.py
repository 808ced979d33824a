# Databricks notebook source
# MAGIC %md
# MAGIC # Maintenance of the lake's tables
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC Databricks' predictive optimization does not see external tables. Readers and writers may go on meanwhile.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("bronzeDays", "", "Days after which the lines of landing files go from bronze; empty: never")

# COMMAND ----------

# @include required.py


# @include stored.py


lake = required("lake")
bronze_days = dbutils.widgets.get("bronzeDays").strip()
DATASETS = [
    # @insert datasets
]
QUERIES = [
    # @insert queries
]
TABLES = [
    "files_read",
    "erasures",
    "states",
    "stream/states",
    *(f"{way}{layer}/{name}" for way in ("", "stream/") for layer in ("silver", "quarantine") for name in DATASETS),
    *(f"gold/{name}" for name in QUERIES),
    *(f"bronze/{name}" for name in DATASETS),
]

for table in TABLES:
    path = f"{lake}/{table}"
    # One that nothing has been written to yet does not exist.
    if stored(spark, path) is not None:
        # All rows of a file have its time of change: it goes whole.
        if bronze_days and table.startswith("bronze/"):
            oldest = f"unix_millis(current_timestamp()) - {int(bronze_days)} * 86400000L"
            spark.sql(f"DELETE FROM delta.`{path}` WHERE modified < {oldest}")
        spark.sql(f"OPTIMIZE delta.`{path}`")
        spark.sql(f"VACUUM delta.`{path}`")
        print(table)
