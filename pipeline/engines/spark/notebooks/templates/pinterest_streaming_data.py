# Databricks notebook source
# MAGIC %md
# MAGIC # Streams to silver
# MAGIC Written by `npm run notebooks` from the definitions of datasets: change those, not this.
# MAGIC
# MAGIC Each of the streams is read from its earliest record, and each row is stored once:
# MAGIC - The checkpoint says what was read; a micro-batch that was stored but not committed comes again.
# MAGIC - A row that silver holds already is not stored again, nor is a record that quarantine holds already (by stream, shard
# MAGIC   and sequence number). So what comes again, for whatever reason, changes nothing.
# MAGIC - Where the lake has a table `erasures`, each micro-batch looks into it first: rows of posts that were erased leave, and come in no more.
# MAGIC - `stream/states`: what the live views need of all rows, brought up to date beside the micro-batches, which do not wait for it.
# MAGIC - A checkpoint belongs to the tables that it was made for: where they are made anew, or restored to an earlier
# MAGIC   version, the streams are read from their earliest record again. So they are where a stream is made again: its
# MAGIC   sequence numbers are others.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("region", "us-east-1", "AWS region of the streams")
dbutils.widgets.text("userPrefix", "", "User prefix of the streams, if any")
dbutils.widgets.text("serviceCredential", "", "Service credential, if any; otherwise the instance profile")
dbutils.widgets.dropdown("trigger", "available-now", ["available-now", "continuous"], "Until all is read, or for ever")
dbutils.widgets.text("interval", "60 seconds", "Between micro-batches, when continuous")
dbutils.widgets.text("statesInterval", "600", "Seconds between updates of what the live views read, when continuous")

# COMMAND ----------

# @include required.py


lake = required("lake")
# @include spark_settings.py
# @note An object inside a field may have a key twice, and its line is well formed.
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")

# COMMAND ----------

COLUMNS, DECODE, CLEAN, KEY = {}, {}, {}, {}

# COMMAND ----------

# @insert datasets

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the live views are made of

# COMMAND ----------

ROWS, STATES = {}, {}

# COMMAND ----------

# @insert states

# COMMAND ----------

# MAGIC %md
# MAGIC ## Records

# COMMAND ----------

STREAMS = {
    # @insert streams
}
user_prefix = dbutils.widgets.get("userPrefix").strip()


RECORD = ["source", "shard", "position"]


def stream_of(dataset):
    """The name of a dataset's stream."""
    alone, prefixed = STREAMS[dataset]
    # @note "user-prefix" stands for the prefix in generated names.
    return prefixed.replace("user-prefix", user_prefix) if user_prefix else alone


def read_kinesis_stream(stream):
    """The records of a stream from its earliest one on."""
    options = {"streamName": stream, "region": required("region"), "initialPosition": "earliest"}
    service_credential = dbutils.widgets.get("serviceCredential").strip()
    if service_credential:
        options["serviceCredential"] = service_credential
    return spark.readStream.format("kinesis").options(**options).load()


# @include packed_records.py


spark.udf.register("unpacked", unpacked, "ARRAY<BINARY>")

# First bytes of a packed record. No JSON begins so.
PACKED = f"hex(substring(data, 1, {len(AGGREGATE)})) = '{AGGREGATE.hex().upper()}' OR hex(substring(data, 1, {len(GZIP)})) = '{GZIP.hex().upper()}'"


def deserialise(records):
    """Events as text, where each came from, and what quarantine would keep of it."""
    # Python is given nothing but packed records.
    events = f"coalesce(unpacked(CASE WHEN {PACKED} THEN data END), array(data))"
    return (
        records.selectExpr("stream", "shardId", "sequenceNumber", "approximateArrivalTimestamp", f"posexplode({events}) AS (event, data)")
        .selectExpr(
            "stream AS source",
            "shardId AS shard",
            "sequenceNumber AS position",
            "event",
            "approximateArrivalTimestamp AS arrived",
            "data",
            "CAST(data AS STRING) AS text",
        )
        .selectExpr(
            *RECORD,
            "event",
            "arrived",
            "text",
            f"CASE WHEN is_valid_utf8(text) AND NOT startswith(text, '{BYTES}') THEN text"
            # Some versions of Spark break the lines of base64.
            f" ELSE concat('{BYTES}', replace(replace(base64(data), '\\r', ''), '\\n', '')) END AS kept",
        )
    )

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver and quarantine

# COMMAND ----------

# @include delta_functions.py

# COMMAND ----------

# @include erasures.py

# COMMAND ----------

# @include persist_functions.py

# COMMAND ----------

import hashlib

import boto3

STATES_TABLE = f"{lake}/stream/states"
QUARANTINE_COLUMNS = "source STRING, shard STRING, position STRING, text STRING, reason STRING"


def silver_of(dataset):
    return f"{lake}/stream/silver/{dataset}"


# @include states.py


def quarantine_of(dataset):
    return f"{lake}/stream/quarantine/{dataset}"


def store_batch(dataset):
    """What is done with a micro-batch of a dataset's records. Done twice, it is as if done once."""
    tables = [(silver_of(dataset), has_key(KEY[dataset])), (quarantine_of(dataset), text_has_key(KEY[dataset]))]
    done = -1

    def store(records, batch):
        nonlocal done
        session = records.sparkSession
        erased = read_erasures(session)
        for path, condition in tables:
            take_out_erased(session, path, erased, done, condition)
        done = up_to(erased)
        records.createOrReplaceTempView(f"{dataset}_lines")
        # Its source is read once.
        lines = persisted(session.sql(DECODE[dataset]))
        try:
            decoded = lines
            if erased:
                condition = is_erased_line(erased, KEY[dataset], "unix_micros(arrived)")
                decoded = unless_erased_since(session, lines.where(f"NOT {condition}"), erased)
                print(f"{dataset}: {lines.where(condition).count()} erased")
            rows = cleaned(dataset, decoded)
            counted = count_lines(rows, KEY[dataset][1])
            add_by_key(session, dataset, rows, counted, silver_of(dataset))
            if counted.bad > 0:
                # A record may hold several events.
                bad = decoded.where("reason IS NOT NULL").dropDuplicates([*RECORD, "event"])
                bad = bad.selectExpr(*RECORD, "kept AS text", "reason")
                add_rows(bad, stored(session, quarantine_of(dataset)), quarantine_of(dataset), RECORD)
        finally:
            let_go(lines)
        take_out_newer(session, tables, erased)

    return store


def identity(path):
    """What changes when a table is made anew or restored to an earlier version."""
    history = spark.sql(f"DESCRIBE HISTORY delta.`{path}`")
    restored = history.where("operation = 'RESTORE'").selectExpr("max(version)").first()[0]
    return f"{spark.sql(f'DESCRIBE DETAIL delta.`{path}`').first()['id']}-{restored}"


def created(stream):
    """When a stream was made: one that is made again under its name counts its records otherwise."""
    service_credential = dbutils.widgets.get("serviceCredential").strip()
    # Without a session of its own boto3 asks the machine, which carries the instance profile.
    credentials = dbutils.credentials.getServiceCredentialsProvider(service_credential) if service_credential else None
    session = boto3.Session(botocore_session=credentials, region_name=required("region"))
    summary = session.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    return summary["StreamCreationTimestamp"].isoformat()


def checkpoint_of(dataset):
    """The folder of a dataset's checkpoint, which belongs to its tables and its stream as they are."""
    tables = identity(silver_of(dataset)) + identity(quarantine_of(dataset)) + created(stream_of(dataset))
    return f"{lake}/stream/checkpoints/{dataset}/{hashlib.sha256(tables.encode()).hexdigest()[:16]}"

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

if dbutils.widgets.get("trigger") == "continuous":
    trigger = {"processingTime": required("interval")}
else:
    trigger = {"availableNow": True}

running = []
for dataset in DECODE:
    create_if_missing(spark, silver_of(dataset), COLUMNS[dataset], CHANGE_FEED)
    feed_changes(dataset)
    create_if_missing(spark, quarantine_of(dataset), QUARANTINE_COLUMNS)
    running.append(
        deserialise(read_kinesis_stream(stream_of(dataset)))
        .writeStream.queryName(f"{dataset}_to_silver")
        .option("checkpointLocation", checkpoint_of(dataset))
        .trigger(**trigger)
        .foreachBatch(store_batch(dataset))
        .start()
    )

# One that fails ends the run, and the job starts it again.
if "availableNow" in trigger:
    for query in running:
        query.awaitTermination()
    keep_states(commits_of_silver())
else:
    while True:
        keep_states(commits_of_silver())
        if spark.streams.awaitAnyTermination(int(required("statesInterval"))):
            break
