# Databricks notebook source
# MAGIC %md
# MAGIC # Erasing posts
# MAGIC Written by `npm run notebooks` from the definitions of datasets: change those, not this.
# MAGIC
# MAGIC - Adds the keys to the lake's table `erasures`. From that commit on they are erased, and both other notebooks let nothing in with them.
# MAGIC - Takes their rows and lines out of silver and quarantine of both paths, and out of bronze.
# MAGIC - Writes landing files again without their lines, and removes those that have no other. So it does with every line that was
# MAGIC   erased before and has come since.
# MAGIC - `pinterest_batch_data`, which the job runs next, makes the answers anew.
# MAGIC
# MAGIC Killed, it is run again without keys, which carries out all that was ever erased.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("landing", "", "Folder that holds topics/, as s3://bucket/folder")
dbutils.widgets.text("region", "us-east-1", "AWS region of the bucket")
dbutils.widgets.text("serviceCredential", "", "Service credential, if any; otherwise the instance profile")
dbutils.widgets.text("keys", "", "Keys of the posts, separated by commas; empty: carries out what was erased before")
dbutils.widgets.text("reason", "", "Reason, kept in the table erasures")
dbutils.widgets.dropdown("letReturn", "no", ["no", "yes"], "Whether what is posted later counts again")

# COMMAND ----------

# @include required.py


import re

landing, lake = required("landing"), required("lake")
words = [word for word in re.split(r"[\s,]+", dbutils.widgets.get("keys")) if word]
for word in words:
    if not re.fullmatch("-?[0-9]+", word) or abs(int(word)) >= 2**53:
        raise ValueError(f"{word!r} is no key: a key is a whole number within ±(2⁵³−1), as the field ind or index has it.")
keys = sorted({int(word) for word in words})
reason = dbutils.widgets.get("reason").strip()
returns = dbutils.widgets.get("letReturn") == "yes"
# @include spark_settings.py
# @note An object inside a field may have a key twice, and its line is well formed.
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")

# COMMAND ----------

# @include landing_bytes.py


landing_bytes = bytes_below(landing, required("region"), dbutils.widgets.get("serviceCredential").strip())

# COMMAND ----------

COLUMNS, DECODE, CLEAN, KEY = {}, {}, {}, {}

# COMMAND ----------

# @insert datasets

# COMMAND ----------

# @include delta_functions.py

# COMMAND ----------

# @include erasures.py

# COMMAND ----------

# @include bronze.py

# COMMAND ----------

# @include listed_files.py

# COMMAND ----------

# @include erase_landing.py

# COMMAND ----------


def append_erasures():
    """Commits the keys with one time, after that of every earlier erasure, whatever the clock says."""
    create_if_missing(spark, ERASURES, ERASURES_COLUMNS)
    stored(spark, ERASURES).createOrReplaceTempView("erased_before")
    frame_of([(key,) for key in keys], "ind BIGINT").createOrReplaceTempView("erased_now")
    rows = spark.sql(f"""
SELECT
  ind,
  timestamp_millis(greatest(
    unix_millis(current_timestamp()),
    coalesce((SELECT CAST(ceil(max(unix_micros(erased_at)) / 1000) AS BIGINT) + 1 FROM erased_before), 0)
  )) AS erased_at,
  {quoted(reason) if reason else 'CAST(NULL AS STRING)'} AS reason,
  {str(returns).lower()} AS returns
FROM erased_now""")
    write(rows, ERASURES)


def rows_in(path):
    table = stored(spark, path)
    return None if table is None else table.count()


# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

if keys:
    append_erasures()
erased = read_erasures(spark)
print(f"{len(keys)} posts erased now, {sum(len(of.keys) for of in erased)} in all")
for dataset, key in KEY.items():
    conditions = {"silver": has_key(key), "quarantine": text_has_key(key)}
    tables = [(f"{way}{layer}/{dataset}", condition) for way in ("", "stream/") for layer, condition in conditions.items()]
    for table, condition in [*tables, (f"bronze/{dataset}", None)]:
        path = f"{lake}/{table}"
        before = rows_in(path)
        if before is None:
            continue
        if condition is None:
            take_out_of_bronze(dataset, erased)
        else:
            take_out_erased(spark, path, erased, -1, condition)
        print(f"{table}: {before - rows_in(path)} rows taken out")

found = take_out_of_landing()
removed = sum(file.gone == file.lines for file in found)
print(f"landing files: {sum(file.gone for file in found)} lines taken out of {len(found)}, of which {removed} are removed")

print("""Copies are left in:
- answers and states, until pinterest_batch_data and pinterest_live_views have run, which the job does next
- older versions of tables, until pinterest_maintenance removes them, 168 hours after a row was taken out
- the streams, until their retention ends; what is read of them again is dropped
- older versions of the bucket's objects, until its lifecycle rule removes them, or its lock ends""")
