# Databricks notebook source
# MAGIC %md
# MAGIC # Maintenance of the lake's tables
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC Databricks' predictive optimization does not see external tables. Readers and writers may go on meanwhile.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")

# COMMAND ----------

# @include required.py


# @include stored.py


lake = required("lake")
DATASETS = [
    # @insert datasets
]
QUERIES = [
    # @insert queries
]
TABLES = [
    "files_read",
    "states",
    *(f"{way}{layer}/{name}" for way in ("", "stream/") for layer in ("silver", "quarantine") for name in DATASETS),
    *(f"gold/{name}" for name in QUERIES),
]

for table in TABLES:
    path = f"{lake}/{table}"
    # One that nothing has been written to yet does not exist.
    if stored(spark, path) is not None:
        spark.sql(f"OPTIMIZE delta.`{path}`")
        spark.sql(f"VACUUM delta.`{path}`")
        print(table)
