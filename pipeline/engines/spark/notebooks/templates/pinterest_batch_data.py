# Databricks notebook source
# MAGIC %md
# MAGIC # Landing files to silver, quarantine and gold
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC - Reads the landing files that it has not read yet, by path, size and time of change, as `files_read` tells. Their names end
# MAGIC   in `.json`, `.jsonl` or `.ndjson`, perhaps followed by `.gz`; other files are named in the output.
# MAGIC - `silver/<dataset>`: cleaned rows, each once. `quarantine/<dataset>`: lines that are no events, with file and reason.
# MAGIC - `gold/<query>`: the answers, each overwritten in one commit, where the silver below it or its statement is
# MAGIC   another. A run that finds nothing new commits nothing.
# MAGIC - `last_batch`: when the last run ended, a file of JSON. An alarm of the stack tells when none has for a day.
# MAGIC - `states`: what those answers need of all rows that can be kept up to date by new rows alone, in one commit. A lost one is made
# MAGIC   again.
# MAGIC - `bronze/<dataset>`: the lines as they came, where they are kept. They are read in place of files that are gone, when a rule has
# MAGIC   changed. Begun by the widget, kept on by every run.
# MAGIC - `files_read` is committed last. Everything before can be done again without harm, so a run that was killed is simply
# MAGIC   run again. After a change to a rule, all files are read again.
# MAGIC - `erasures`: keys of posts that were erased, where there is such a table. Their rows and lines leave the tables first, and
# MAGIC   come in no more.
# MAGIC - `npm run batch --lake` keeps the same tables: a lake may be written by either, in turn.

# COMMAND ----------

dbutils.widgets.text("landing", "dbfs:/mnt/pinterest/lake", "Folder that holds topics/")
dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("tables", "", "Schema of the answers' tables, after its catalog, if any")
dbutils.widgets.dropdown("bronze", "as before", ["as before", "begin"], "A raw copy of landing files")

# COMMAND ----------

# @include required.py


landing, lake = required("landing"), required("lake")
begins_bronze = dbutils.widgets.get("bronze") == "begin"
# @include spark_settings.py
# @note An object inside a field may have a key twice, and its line is well formed.
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")

# COMMAND ----------

COLUMNS, DECODE, CLEAN, KEY = {}, {}, {}, {}

# COMMAND ----------

# @insert datasets

# COMMAND ----------

# By cleaned column, whether a line has a value in a raw field of this column.
GIVEN = {}

# COMMAND ----------

# @insert given

# COMMAND ----------

# The present rules, which change when what a line means changes: then files that were read have to be read again. Behind them,
# the same rules in other words.
RULES = {
    # @insert rules
}

# COMMAND ----------

# The datasets that an answer is made of.
SOURCES = {
    # @insert sources
}
GOLD = {}

# COMMAND ----------

# @insert queries

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the answers are made of
# MAGIC A state holds what an answer needs of all rows: a tuple of each, or none. `whole` are all rows, `added` those that the new rows of
# MAGIC one dataset bring, with the rows of the same keys. Of a state with a `place`, only the first tuples are kept.

# COMMAND ----------

ROWS, STATES = {}, {}

# COMMAND ----------

# @insert states

# COMMAND ----------

# MAGIC %md
# MAGIC ## Files that have not been read yet

# COMMAND ----------

# @include delta_functions.py

# COMMAND ----------

# @include erasures.py

# COMMAND ----------

# @include bronze.py

# COMMAND ----------

# @include landing_files.py

# COMMAND ----------

# MAGIC %md
# MAGIC ## States

# COMMAND ----------

STATES_TABLE = f"{lake}/states"


def silver_of(dataset):
    return f"{lake}/silver/{dataset}"


# @include states.py

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver and quarantine

# COMMAND ----------

QUARANTINE_COLUMNS = "file STRING, text STRING, reason STRING"


def replace_quarantined(bad, count, files, path):
    """Quarantines lines in place of what the table holds of their files."""
    kept = stored(spark, path)
    if kept is None:
        # One commit makes the table and fills it.
        write(bad, path) if count > 0 else create(spark, path, QUARANTINE_COLUMNS)
        return
    names = frame_of([(file.file,) for file in files], "file STRING")
    # Most often it holds nothing of them: they are new. Statistics tell that it holds nothing at all.
    if kept.count() > 0 and not kept.join(names, "file", "left_semi").isEmpty():
        view = f"files_of_{files[0].dataset}"
        names.createOrReplaceTempView(view)
        spark.sql(f"MERGE INTO delta.`{path}` kept USING {view} new ON kept.file = new.file WHEN MATCHED THEN DELETE")
    if count > 0:
        add_unseen(bad, stored(spark, path), "file", path)


# @include erased_landing.py


# @include first_load.py


def replace_table(rows, path, options={}):
    """Replaces a table by rows. One that is made now is free of what was erased."""
    made = is_free(erased) if stored(spark, path) is None else {}
    write(rows, path, "overwrite", overwriteSchema="true", **options, **made)


def store_events(dataset, decoded, anew):
    """Adds decoded lines to a dataset's silver, or, anew, replaces it by them. Returns what was counted of the lines."""
    silver, key, given = silver_of(dataset), KEY[dataset][1], GIVEN[dataset]
    lines = cleaned(dataset, decoded, given)
    kept = None if anew else stored(spark, silver)
    # Statistics tell the number of rows.
    if kept is not None and kept.count() > 0:
        counted = count_lines(lines, key, given)
        add_by_key(spark, dataset, lines, counted, silver)
        return counted
    # There is nothing to compare with, so nothing has to be known before.
    observed, told = observed_lines(lines, key, given)
    rows = events_of(dataset, observed)
    if anew:
        replace_table(rows, silver, CHANGE_FEED)
    else:
        add_rows(rows, kept, silver, rows.columns, **CHANGE_FEED)
    return told() or count_lines(lines, key, given)


def read_landing(dataset, of):
    """Adds what landing files hold to a dataset's silver and quarantine, or, anew, replaces both by it.

    Returns how many lines are of erased posts, and how many values of each column a cleaning rule has made null.
    """
    silver, quarantine = silver_of(dataset), f"{lake}/quarantine/{dataset}"
    if not of.new and not of.gone:
        create_if_missing(spark, silver, COLUMNS[dataset], CHANGE_FEED)
        create_if_missing(spark, quarantine, QUARANTINE_COLUMNS)
        return 0, {}
    lines_of(dataset, of).createOrReplaceTempView(f"{dataset}_lines")
    decoded, dropped = without_erased(spark.sql(DECODE[dataset]), dataset, of)
    counted = store_events(dataset, decoded, of.anew)
    # A plain line is an event, which is known before it is parsed.
    bad = decoded.where("NOT is_plain AND reason IS NOT NULL").select("file", "text", "reason")
    if of.anew:
        replace_table(bad if counted.bad > 0 else bad.limit(0), quarantine)
    else:
        replace_quarantined(bad, counted.bad, of.new, quarantine)
    return dropped, dict(zip(GIVEN[dataset], counted.made_null))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Answers

# COMMAND ----------

import hashlib

tables = dbutils.widgets.get("tables").strip()


def answers_of(commits):
    """What the last commit of a run says of its answers: their statements, the silver that they are made of, their catalog."""
    versions = {dataset: last.version for dataset, (last, *_) in commits.items()}
    statements = {query: hashlib.sha256(statement.encode()).hexdigest() for query, statement in GOLD.items()}
    said = {"answers": statements, "silver": versions, "tables": tables}
    return said | {"erased": up_to(erased)} if erased else said


def last_answers():
    """What the last run said; nothing, when it was none of this notebook."""
    nothing_said = {"answers": {}, "silver": {}, "tables": tables}
    if stored(spark, FILES_READ) is None:
        return nothing_said
    history = spark.sql(f"DESCRIBE HISTORY delta.`{FILES_READ}` LIMIT 100")
    last = history.where("operation NOT IN ('OPTIMIZE', 'VACUUM START', 'VACUUM END')").select("userMetadata").first()
    said = last is not None and (last.userMetadata or "").startswith('{"answers":')
    return json.loads(last.userMetadata) if said else nothing_said


def is_due(query, last, now):
    """Whether an answer's statement or silver is another than the last run's, or its table is missing."""
    same = last["answers"].get(query) == now["answers"][query] and last["tables"] == tables
    same = same and all(last["silver"].get(dataset) == now["silver"][dataset] for dataset in SOURCES[query])
    return not same or not exists(spark, gold_of(query))


def gold_of(query):
    return f"{lake}/gold/{query}"


def answer(query):
    """Writes an answer in one commit, and makes its table in the catalog, which may have to be told of other columns."""
    write(spark.sql(GOLD[query]).coalesce(1), gold_of(query), "overwrite", overwriteSchema="true")
    if tables:
        table = ".".join(f"`{name}`" for name in [*tables.split("."), query])
        spark.sql(f"CREATE TABLE IF NOT EXISTS {table} USING DELTA LOCATION {quoted(gold_of(query))}")
        spark.sql(f"REPAIR TABLE {table} SYNC METADATA")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

erased = read_erasures(spark)
found = look_for_files()
last = last_answers()
for dataset, of in found.items():
    gone = f", and {len(of.gone)} that are gone from bronze" if of.gone else ""
    print(f"{dataset}: {len(of.new)} of {of.present} landing files read now{gone}{f' ({of.anew})' if of.anew else ''}")
    if of.others:
        names = ", ".join(of.others[:20]) + (" …" if len(of.others) > 20 else "")
        print(f"{dataset}: {len(of.others)} other files not read: {names}")

announce_rules(found)


def read(dataset):
    take_out_of_tables(dataset, found[dataset].anew)
    copy_lines(dataset, found[dataset], begins_bronze)
    return read_landing(dataset, found[dataset])


# Tables wait for each other's commits no more than they must.
with ThreadPoolExecutor(4) as pool:
    counts_of_read = dict(zip(found, pool.map(read, found)))
for dataset, (dropped, _) in counts_of_read.items():
    if erased:
        print(f"{dataset}: {dropped} erased")
commits = commits_of_silver()
due = [query for query in GOLD if is_due(query, last, answers_of(commits))]
if due and STATES:
    commits = keep_states(commits)
    spark.read.format("delta").load(STATES_TABLE).createOrReplaceTempView("`states of answers`")
for dataset, (newest, *_) in commits.items():
    silver_at(dataset, newest.version).createOrReplaceTempView(dataset)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(answer, due))
now = answers_of(commits)
for query in GOLD:
    print(query)
    display(spark.read.format("delta").load(gold_of(query)))
counted = [(dataset, *of) for dataset, (_, counts) in counts_of_read.items() for of in counts.items()]
if counted:
    print("Values of the lines read now that cleaning has made null:")
    display(frame_of(counted, "dataset STRING, column STRING, values BIGINT"))

if take_out_newer(spark, [table for dataset in found for table in kept_tables(dataset)], erased):
    raise RuntimeError("Posts were erased while this ran. Their rows are taken out: run this again.")
# @note A file that was removed and is recorded after all would stop the next run for which a rule has changed. One that was written again
# @note is recorded as it was, and read once more.
if erased and are_gone(found):
    raise RuntimeError("Landing files were removed while they were read. Nothing is lost: run this again.")

# Last: what says that all of this is done.
if now != last or any(of.new or of.anew for of in found.values()):
    record_files(found, json.dumps(now))
# The alarm for days without a batch counts these files: where nothing is new, a run writes no other.
spark.sql("SELECT current_timestamp() AS ended").write.mode("overwrite").json(f"{lake}/last_batch")
