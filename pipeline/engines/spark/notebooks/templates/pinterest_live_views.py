# Databricks notebook source
# MAGIC %md
# MAGIC # The answers, live
# MAGIC Written by `npm run notebooks` from the definitions of queries: change those, not this.
# MAGIC
# MAGIC Views over the states that `pinterest_streaming_data` keeps of the rows that it stores: whoever asks them gets the answers as of
# MAGIC its last update of the states, whatever the number of rows. Answers without states are made of all rows of that moment.

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
KEY = {
    # @insert keys
}
ROWS, STATES = {}, {}

# COMMAND ----------

# @insert states

# COMMAND ----------

VIEWS = {}
STATES_TABLE = f"{lake}/stream/states"


def silver_of(dataset):
    return f"{lake}/stream/silver/{dataset}"


# @include delta_functions.py


# @include erasures.py


# @include states.py


# COMMAND ----------

# @insert queries

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
spark.sql(f"USE {schema}")


def name_table(name, columns, location):
    """Gives a table at a path a name in the schema, and makes it when it is missing: views cannot name a path in every catalog."""
    # A temporary view of that name would hide the table.
    spark.catalog.dropTempView(name)
    spark.sql(f"CREATE TABLE IF NOT EXISTS `{name}` ({columns}) USING DELTA LOCATION {quoted(location)}")
    found = spark.sql(f"DESCRIBE DETAIL `{name}`").first()["location"]
    if not found.rstrip("/").endswith(location.split(":")[-1].lstrip("/")):
        raise ValueError(f"The table {schema}.{name} lies at {found}, not at {location}: drop it, or choose another schema.")


for dataset, columns in COLUMNS.items():
    name_table(dataset, columns, silver_of(dataset))
# The states of these statements: those that the stream keeps may be of others, or there may be none yet.
keep_states(commits_of_silver())
for dataset in COLUMNS:
    spark.catalog.dropTempView(dataset)
name_table("states_of_answers", "state STRING, cells ARRAY<STRING>, rows BIGINT", STATES_TABLE)

for view, statement in VIEWS.items():
    spark.sql(statement)
    print(view)
    display(spark.table(f"`{view}`"))
