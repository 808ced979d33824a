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

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


from pyspark.errors import AnalysisException

# The conditions of errors that say that there is no table at a path.
ABSENT = {"PATH_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST"}
FOUND = set()


def stored(session, path):
    """The rows of the Delta table at a path, or None where there is none."""
    try:
        rows = session.read.format("delta").load(path)
        # Spark Connect looks at a path when something is asked of it.
        rows.columns
    except AnalysisException as error:
        if error.getCondition() not in ABSENT:
            raise
        return None
    FOUND.add(path)
    return rows


def exists(session, path):
    """Whether there is a table at a path. One that was found is not looked for again: a run removes none."""
    return path in FOUND or stored(session, path) is not None


lake = required("lake")
bronze_days = dbutils.widgets.get("bronzeDays").strip()
DATASETS = [
    "pin",
    "geo",
    "user",
]
QUERIES = [
    "most_popular_category_by_country",
    "most_popular_category_by_year",
    "top_user_by_country",
    "country_with_top_user",
    "most_popular_category_by_age_group",
    "median_followers_by_age_group",
    "users_joined_by_year",
    "median_followers_by_join_year",
    "median_followers_by_join_year_and_age_group",
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
