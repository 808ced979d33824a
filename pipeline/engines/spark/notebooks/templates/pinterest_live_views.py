# Databricks notebook source
# MAGIC %md
# MAGIC # The answers, live
# MAGIC Written by `npm run notebooks` from the definitions of queries: change those, not this.
# MAGIC
# MAGIC Views over the rows that `pinterest_streaming_data` stores: whoever asks them gets the answers of that moment.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("schema", "pinterest_live", "Schema of the views, perhaps behind a catalog and a point")

# COMMAND ----------

# @include required.py


lake = required("lake")
schema = ".".join(f"`{part}`" for part in required("schema").split("."))
# @include spark_settings.py

# COMMAND ----------

COLUMNS = {
    # @insert columns
}

# COMMAND ----------

VIEWS = {}

# COMMAND ----------

# @insert queries

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
spark.sql(f"USE {schema}")

# Views cannot name a path in every catalog, so the silver tables get a name beside them.
for dataset, columns in COLUMNS.items():
    location = f"{lake}/stream/silver/{dataset}"
    # A temporary view of that name would hide the table.
    spark.catalog.dropTempView(dataset)
    written = location.replace("\\", "\\\\").replace("'", "\\'")
    spark.sql(f"CREATE TABLE IF NOT EXISTS `{dataset}` ({columns}) USING DELTA LOCATION '{written}'")
    found = spark.sql(f"DESCRIBE DETAIL `{dataset}`").first()["location"]
    if not found.rstrip("/").endswith(location.split(":")[-1].lstrip("/")):
        raise ValueError(f"The table {schema}.{dataset} lies at {found}, not at {location}: drop it, or choose another schema.")

for view, statement in VIEWS.items():
    spark.sql(statement)
    print(view)
    display(spark.table(f"`{view}`"))
