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

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


lake = required("lake")
schema = ".".join(f"`{part}`" for part in required("schema").split("."))
spark.conf.set("spark.sql.session.timeZone", "UTC")
spark.conf.set("spark.sql.ansi.enabled", "true")


def set_where_possible(setting, value):
    """Sets what serverless compute decides by itself, and refuses to be told."""
    try:
        spark.conf.set(setting, value)
    except Exception as error:
        if "CONFIG_NOT_AVAILABLE" not in str(error):
            raise


set_where_possible("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")

# COMMAND ----------

COLUMNS = {
    "pin": "`ind` BIGINT, `unique_id` STRING, `title` STRING, `description` STRING, `follower_count` BIGINT, `poster_name` STRING, `tag_list` STRING, `is_image_or_video` STRING, `image_src` STRING, `save_location` STRING, `category` STRING",
    "geo": "`ind` BIGINT, `country` STRING, `coordinates` ARRAY<DOUBLE>, `timestamp` TIMESTAMP",
    "user": "`ind` BIGINT, `user_name` STRING, `age` BIGINT, `date_joined` TIMESTAMP",
}
KEY = {
    "pin": ("`index`", "ind"),
    "geo": ("`ind`", "ind"),
    "user": ("`ind`", "ind"),
}
ROWS, STATES = {}, {}

# COMMAND ----------

ROWS["pin_with_geo"] = {
    "whole": r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin`
INNER JOIN `geo`
  USING (`ind`)
""",
    "added": [
        ("pin", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin added`
INNER JOIN `geo before`
  USING (`ind`)
"""),
        ("geo", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin near`
INNER JOIN `geo added`
  USING (`ind`)
"""),
    ],
}

# COMMAND ----------

ROWS["pin_with_user"] = {
    "whole": r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin`
INNER JOIN `user`
  USING (`ind`)
""",
    "added": [
        ("pin", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin added`
INNER JOIN `user before`
  USING (`ind`)
"""),
        ("user", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin near`
INNER JOIN `user added`
  USING (`ind`)
"""),
    ],
}

# COMMAND ----------

ROWS["user"] = {
    "whole": r"""
SELECT
  `ind`,
  `user_name`,
  `age`,
  `date_joined`
FROM `user`
""",
    "added": [
        ("user", r"""
SELECT
  `ind`,
  `user_name`,
  `age`,
  `date_joined`
FROM `user added`
"""),
    ],
}

# COMMAND ----------

STATES["counted_by_country_and_category 9933ea5404962476"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (`country` IS NOT NULL)
    AND (`category` IS NOT NULL)
  THEN array(
    `country`,
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["counted_by_post_year_and_category c384e5c038fee9f6"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (year(`timestamp`) >= 2018)
    AND (year(`timestamp`) <= 2022)
    AND (`category` IS NOT NULL)
  THEN array(
    CAST(year(`timestamp`) AS STRING),
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["follower_count_by_country_and_poster_name 13659751b467b656"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (`country` IS NOT NULL)
    AND (`poster_name` IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    `country`,
    `poster_name`,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": "row_number() OVER (PARTITION BY cells[0] ORDER BY CAST(cells[2] AS BIGINT) DESC, cells[1] ASC)",
}

# COMMAND ----------

STATES["counted_by_age_group_and_category 57219e688e55631e"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`category` IS NOT NULL)
  THEN array(
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_age_group ffbed8cf38f07360"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["number_users_joined_by_join_year 28add1bf6cdb2cb4"] = {
    "rows": "user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (`user_name` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    `user_name`,
    CAST(unix_micros(`date_joined`) AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_join_year e9bb7d982b043da4"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_join_year_and_age_group 040b13a189c66b5d"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

VIEWS = {}
STATES_TABLE = f"{lake}/stream/states"


def silver_of(dataset):
    return f"{lake}/stream/silver/{dataset}"


from collections import namedtuple

from pyspark.sql import functions as F

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


def quoted(text):
    """Text as a literal of Spark SQL."""
    escaped = "".join(f"\\u{ord(c):04x}" if c in "\\'\"$" else c for c in text)
    return f"'{escaped}'"


# Beyond so many keys that came again, whole rows are compared.
KEYS_COMPARED = 10_000


def write(rows, path, mode="append", **options):
    """Writes rows in one commit, and makes the table when it is missing.

    Without deletion vectors, which runtimes of Databricks turn on by default and other readers may not know.
    """
    writer = rows.write.format("delta").mode(mode).options(**options)
    writer.option("delta.enableDeletionVectors", "false").save(path)


def create(session, path, columns, properties={}):
    """Makes an empty Delta table at a path where there was none, unless another run has made it meanwhile."""
    wanted = {"delta.enableDeletionVectors": "false"} | properties
    listed = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
    session.sql(f"CREATE TABLE IF NOT EXISTS delta.`{path}` ({columns}) USING DELTA TBLPROPERTIES ({listed})")


def create_if_missing(session, path, columns, properties={}):
    """Makes an empty Delta table at a path, unless there is one."""
    if not exists(session, path):
        create(session, path, columns, properties)


def missing_in(kept, rows, columns):
    """The rows that differ from all that are kept in one of the columns, nulls being equal."""
    kept = kept.select(*[F.col(column).alias(f"kept_{at}") for at, column in enumerate(columns)])
    same = [F.col(column).eqNullSafe(F.col(f"kept_{at}")) for at, column in enumerate(columns)]
    return rows.join(kept, same, "left_anti")


def add_rows(rows, kept, path, columns, **options):
    """Adds the rows that a table does not hold yet, by some of their columns: done twice, it is as if done once.

    `kept` is what it holds, or None where there is no table. The rows must differ in these columns, for they are not compared with
    each other.
    """
    write(rows if kept is None else missing_in(kept, rows, columns), path, **options)


Counted = namedtuple("Counted", "bad, least, greatest, made_null")


def cleaned(dataset, decoded, given={}):
    """The row of silver that each decoded line is, if it is an event: others are without a key. Beside it, which columns were given."""
    raw = decoded.selectExpr("CASE WHEN reason IS NULL THEN raw END AS raw").select("raw.*")
    beside = {f"{column} given": condition for column, condition in given.items()}
    return raw.selectExpr(*[f"{sql} AS `{name}`" for name, sql in (CLEAN[dataset] | beside).items()])


def counts_of(key, given):
    """The aggregates over cleaned lines that `Counted` is made of."""
    made_null = [f"count_if(`{column} given` AND `{column}` IS NULL)" for column in given]
    return [f"count(*) - count(`{key}`)", f"min(`{key}`)", f"max(`{key}`)", *made_null]


def count_lines(lines, key, given=()):
    """What one look at cleaned lines tells: how many are no events, the least and greatest key, how often a given column was made null."""
    bad, least, greatest, *made_null = lines.selectExpr(*counts_of(key, given)).first()
    return Counted(bad, least, greatest, made_null)


def events_of(dataset, lines):
    """The rows that cleaned lines bring to silver, each once."""
    return lines.where(f"`{KEY[dataset][1]}` IS NOT NULL").select(*CLEAN[dataset]).distinct()


def add_by_key(session, dataset, lines, counted, path):
    """Adds the rows of cleaned lines that the table at a path does not hold yet, at the cost of these: as `add_rows`, by all columns.

    A row can be in the table only under its own key. So the table's keys are read, of files whose statistics say that
    they may hold these; its other columns only for keys that came again.
    """
    if counted.least is None:
        return
    kept, key, rows = stored(session, path), KEY[dataset][1], events_of(dataset, lines)
    near = kept.where(F.col(key).between(counted.least, counted.greatest))
    # Lines are not decoded again where no row is near: so it is with keys that ascend.
    found = [] if near.isEmpty() else near.select(key).join(lines.select(key), key, "left_semi").distinct().limit(KEYS_COMPARED + 1).collect()
    if len(found) > KEYS_COMPARED:
        write(missing_in(near, rows, rows.columns), path)
        return
    came_again = F.expr(f"`{key}` IN ({', '.join(str(row[0]) for row in found)})" if found else "false")
    if found:
        rows = missing_in(near.where(came_again), rows, rows.columns)
    add_unseen(rows, near.where(~came_again), key, path)


def add_unseen(rows, others, key, path):
    """Adds rows, and fails when the table holds one of their keys by the time of the transaction: then another run wrote it."""
    others = others.select(F.col(key).alias("other"))
    message = f"Another run has written to {path} meanwhile. Nothing is lost and nothing is doubled: run this again."
    unseen = F.assert_true(F.col("other").isNull(), F.lit(message)).isNull()
    write(rows.join(others, F.col(key) == F.col("other"), "left").where(unseen).select(*rows.columns), path)


import json
from collections import namedtuple

ERASURES = f"{lake}/erasures"
ERASURES_COLUMNS = "ind BIGINT, erased_at TIMESTAMP, reason STRING, returns BOOLEAN"
# Keys that were erased at once: when, in microseconds since 1970, and whether what is posted later counts again.
Erased = namedtuple("Erased", "at, returns, keys")
# The property of a table that changes before it is freed of what was erased: Delta refuses every transaction that began before.
ERASED_UP_TO = "pinterest.erasedUpTo"
# The beginning of a text that stands for bytes, in the quarantine of the stream.
BYTES = "data:application/octet-stream;base64,"


def read_erasures(session):
    """The keys of a lake that were erased, by their last erasure, the earliest first. Without the table, they cost a look for it."""
    table = stored(session, ERASURES)
    if table is None:
        return []
    last = table.groupBy("ind").agg(F.expr("max(struct(unix_micros(erased_at) AS at, coalesce(returns, false) AS returns)) AS last"))
    return [Erased(*row) for row in last.groupBy("last.at", "last.returns").agg(F.collect_list("ind")).sort("at", "returns").collect()]


def up_to(erased):
    """The time of the last erasure in milliseconds, rounded up; -1 when there is none."""
    return max((-(-of.at // 1000) for of in erased), default=-1)


def is_free(erased):
    """The options of a commit after which a table has no row that was erased: a `txn`, which Delta lets a table have once."""
    return {"txnAppId": "erasures", "txnVersion": str(up_to(erased))} if erased else {}


def freeing(erased):
    """The text of a commit that only takes out what was erased, by which who follows the table knows it."""
    return {"userMetadata": json.dumps({"erased": up_to(erased)})}


def unless_erased_since(session, rows, erased):
    """Rows that cannot be written once more was erased than is known here: whatever transaction writes them reads the erasures."""
    if not erased:
        return rows
    stored(session, ERASURES).createOrReplaceTempView("erasures_now")
    known = max(of.at for of in erased)
    message = "Posts were erased meanwhile. Nothing is lost and nothing is doubled: run this again."
    newest = "(SELECT max(unix_micros(erased_at)) FROM erasures_now)"
    return rows.where(f"assert_true({newest} <= {known}L, {quoted(message)}) IS NULL")


def is_one_of(key, keys):
    """The condition that a key is one of some."""
    return f"{key} IN ({', '.join(f'{one}L' for one in keys)})"


def is_erased(erased, key, posted):
    """The condition that what was posted with a key at a time, in microseconds since 1970, does not count."""
    return " OR ".join(is_one_of(key, of.keys) + (f" AND {posted} <= {of.at}L" if of.returns else "") for of in erased)


def names_key(text, field, condition):
    """The condition that a line that is no event names such a key, which pipeline/erasures/keys_of_line.ts reads likewise."""
    name = field.strip("`")
    blanks = r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
    pattern = rf'"{name}\\*"{blanks}:{blanks}\\*"?{blanks}(-?[0-9][0-9.eE+-]*)'
    packed = f"CAST(try_to_binary(substring({text}, {len(BYTES) + 1}), 'base64') AS STRING)"
    plain = f"CASE WHEN startswith({text}, '{BYTES}') THEN make_valid_utf8({packed}) ELSE {text} END"
    numbers = f"regexp_extract_all({plain}, {quoted(pattern)}, 1)"
    return f"exists(transform({numbers}, number -> try_cast(number AS DOUBLE)), named -> {condition('named')})"


def is_erased_line(erased, key, posted):
    """The condition that a decoded line, event or not, is of a post that was erased."""
    field, _ = key
    of_event = is_erased(erased, f"raw.{field}", posted)
    of_other = names_key("text", field, lambda named: is_erased(erased, named, posted))
    return f"coalesce(CASE WHEN reason IS NULL THEN {of_event} ELSE {of_other} END, false)"


def take_out(session, path, condition, erased, **told):
    """Takes rows out of a table by writing the others again: then no file of the table has them, nor has its feed of changes.

    Without such rows, the commit adds none; with nothing to be told, there is none.
    """
    rows = stored(session, path)
    if not rows.where(condition).isEmpty():
        write(rows.where(f"NOT coalesce({condition}, false)"), path, "overwrite", **freeing(erased), **told)
    elif told:
        write(rows.limit(0), path, **freeing(erased), **told)


def refuse_earlier(session, path, erased):
    """Lets Delta refuse what others write who do not know of the erasures. Beside a commit that adds no rows, an append would pass."""
    properties = session.sql(f"DESCRIBE DETAIL delta.`{path}`").first().properties
    if int(properties.get(ERASED_UP_TO, -1)) < up_to(erased):
        session.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{ERASED_UP_TO}' = '{up_to(erased)}')")


def take_out_erased(session, path, erased, done, condition):
    """Takes out of a table what was erased after a time, in milliseconds, up to which this is known to be done.

    Keys that may return are taken out once, by the `txn` of that commit: their rows may have returned since.
    """
    newer = [of for of in erased if of.at > done * 1000]
    if newer:
        refuse_earlier(session, path, erased)
    for of in newer:
        if of.returns:
            take_out(session, path, condition(of.keys), [of], **is_free([of]))
    gone = [key for of in newer if not of.returns for key in of.keys]
    if gone:
        take_out(session, path, condition(gone), erased)
        take_out(session, path, "false", erased, **is_free(erased))


def has_key(key):
    """The condition that a row of silver has one of some keys."""
    return lambda keys: is_one_of(f"`{key[1]}`", keys)


def text_has_key(key):
    """The condition that a line in quarantine names one of some keys."""
    return lambda keys: names_key("text", key[0], lambda named: is_one_of(named, keys))


def take_out_newer(session, tables, erased):
    """Takes out what was erased meanwhile: its rows may have come beside, and none of them was posted after that.

    Tables are paths with the condition that a row has one of some keys. Tells whether anything was erased.
    """
    known = max((of.at for of in erased), default=-1)
    newer = [of for of in read_erasures(session) if of.at > known]
    keys = [key for of in newer for key in of.keys]
    if keys:
        for path, condition in tables:
            take_out(session, path, condition(keys), newer)
    return len(keys) > 0


import json
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

# The row of the table that says which states it holds, and which version of each silver table they have seen. In the table, it is
# true of whatever version of it is read or restored.
SEEN = "seen"
# Operations that change no row.
CHANGES_NO_ROW = {"OPTIMIZE", "VACUUM START", "VACUUM END"}
# The changes of a table: whether rows were added, and the versions that only took out what was erased.
Changes = namedtuple("Changes", "added, freeing")
# Lets the rows be read that a commit has added.
CHANGE_FEED = {"delta.enableChangeDataFeed": "true"}


def commits_of(dataset):
    """The last commits of a dataset's silver, the newest first. A time tells a commit from one of a table made anew."""
    history = spark.sql(f"DESCRIBE HISTORY delta.`{silver_of(dataset)}` LIMIT 100")
    return history.selectExpr(
        "version", "CAST(timestamp AS STRING) AS time", "operation", "operationParameters AS parameters", "userMetadata AS text"
    ).collect()


def commits_of_silver():
    """The last commits of each dataset's silver."""
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(COLUMNS, pool.map(commits_of, COLUMNS)))


def silver_at(dataset, version):
    """The rows of a version of silver."""
    return spark.read.format("delta").option("versionAsOf", version).load(silver_of(dataset))


def freed_up_to(commit):
    """The time of the last erasure that a commit took rows out for, and nothing else; None for another commit."""
    return json.loads(commit.text)["erased"] if (commit.text or "").startswith('{"erased"') else None


def changes_since(commits, seen, erased):
    """What has changed after a commit that was seen; None, when it cannot be told, or other things have happened."""
    at = next((at for at, commit in enumerate(commits) if [commit.version, commit.time] == seen), None)
    if at is None:
        return None
    changes = [commit for commit in commits[:at] if commit.operation not in CHANGES_NO_ROW and not sets_property(commit)]
    freeing = [commit for commit in changes if freed_up_to(commit) is not None]
    others = [commit for commit in changes if commit not in freeing]
    appended = all(commit.operation == "WRITE" and commit.parameters.get("mode") == "Append" for commit in others)
    # What was erased after this run has looked is not known to it.
    known = all(freed_up_to(commit) <= up_to(erased) for commit in freeing)
    return Changes(len(others) > 0, [commit.version for commit in freeing]) if appended and known else None


def sets_property(commit):
    """Whether a commit only tells others that the table is being freed of what was erased."""
    return commit.operation == "SET TBLPROPERTIES" and list(json.loads(commit.parameters["properties"])) == [ERASED_UP_TO]


def feed_changes(dataset):
    """Turns the feed of changes on, where an older notebook or another writer has made the table. Tells if it was off."""
    properties = spark.sql(f"SHOW TBLPROPERTIES delta.`{silver_of(dataset)}`").collect()
    off = dict(properties).items().isdisjoint(CHANGE_FEED.items())
    if off:
        for name, value in CHANGE_FEED.items():
            spark.sql(f"ALTER TABLE delta.`{silver_of(dataset)}` SET TBLPROPERTIES ('{name}' = '{value}')")
    return off


def last_seen():
    """The text of the row that says what the states have seen; None, when there are none."""
    states = stored(spark, STATES_TABLE)
    row = None if states is None else states.where(F.col("state") == SEEN).first()
    return row and row.cells[0]


def keep_states(commits):
    """Adds to the states what silver has gained, and takes back what was erased; those that cannot be followed are made anew.

    Of a state with a `place`, only the first tuples are there: when one leaves, the next is not known.
    Returns the last commits of silver, to which the answers then belong.
    """
    erased = read_erasures(spark)
    text = last_seen()
    seen = json.loads(text) if text else {"states": [], "silver": {}}
    changes = {dataset: changes_since(commits[dataset], seen["silver"].get(dataset), erased) for dataset in commits}
    followed = [name for name in STATES if name in seen["states"] and can_follow(name, changes)]
    anew = [name for name in STATES if name not in followed]
    if not anew and not (followed and any(of.added or of.freeing for of in changes.values() if of)):
        return commits
    # Changes can be followed from the version that turned the feed on: versions are read again.
    with ThreadPoolExecutor(4) as pool:
        turned_on = list(pool.map(feed_changes, set().union(*map(sources_of, anew))))
    if any(turned_on):
        return keep_states(commits_of_silver())
    now = {dataset: [last.version, last.time] for dataset, (last, *_) in commits.items()}
    for dataset, (version, _) in now.items():
        silver_at(dataset, version).createOrReplaceTempView(dataset)
    try:
        parts = whole_tuples(anew) + changed_tuples(followed, changes, seen["silver"], now, erased)
        write(states_of(parts, text, followed, now), STATES_TABLE, "overwrite", optimizeWrite="true")
    except Exception as error:
        # Files of the version that was seen may be vacuumed.
        if not followed or "FILE_NOT_EXIST" not in str(error):
            raise
        followed, anew = [], list(STATES)
        write(states_of(whole_tuples(STATES), text, [], now), STATES_TABLE, "overwrite", optimizeWrite="true")
    freed = any(changes[of].freeing for name in followed for of in sources_of(name))
    print(f"states: {len(followed)} followed{', what was erased taken back' if freed else ''}, {len(anew)} made anew")
    return commits


def can_follow(name, changes):
    """Whether the changes of a state's sources can be followed."""
    of = [changes[source] for source in sources_of(name)]
    return None not in of and (STATES[name]["place"] is None or not any(each.freeing for each in of))


def sources_of(name):
    """The datasets that a state is made of."""
    return {source for source, _ in ROWS[STATES[name]["rows"]]["added"]}


def tuples_of(rows, names, count=1):
    """The statement of the tuples that rows bring to states, or take with them: one look at the rows serves them all."""
    tuples = ", ".join(f"named_struct('state', {quoted(name)}, 'cells', {STATES[name]['tuple']})" for name in names)
    each = f"SELECT explode(array({tuples})) AS tuple FROM (\n{rows}\n)"
    return f"SELECT tuple.state AS state, tuple.cells AS cells, {count}L AS rows FROM ({each}) WHERE tuple.cells IS NOT NULL"


def by_rows(names):
    """States by the rows that they are made of."""
    found = {rows: [name for name in names if STATES[name]["rows"] == rows] for rows in ROWS}
    return [(ROWS[rows], of) for rows, of in found.items() if of]


def whole_tuples(names):
    """The statements of all tuples of states."""
    return [tuples_of(rows["whole"], of) for rows, of in by_rows(names)]


def changed_tuples(followed, changes, seen, now, erased):
    """The statements of tuples that new rows bring to states, and that erased rows take with them.

    With "after" for "before" plus what is new less what is gone, both come to the same sums over rows before and after.
    """
    changed = {of for name in followed for of in sources_of(name) if changes[of].added or changes[of].freeing}
    if not changed or not make_views_of_changes(changed, changes, seen, now, erased):
        return []
    parts = []
    for rows, names in by_rows(followed):
        for source, sql in rows["added"]:
            if source in changed:
                parts.append(tuples_of(sql, names))
            if source in changed and changes[source].freeing:
                parts.append(tuples_of(sql.replace(f"`{source} added`", f"`{source} gone`"), names, -1))
    return parts


def states_of(parts, text, followed, now):
    """The rows of the table of states: new tuples, and the stored ones of states that are followed."""
    tuples = list(parts)
    if followed:
        stored(spark, STATES_TABLE).createOrReplaceTempView("`states before`")
        tuples.append(f"SELECT state, cells, rows FROM `states before` WHERE {is_kept(text, followed)}")
    together = f"SELECT state, cells, sum(rows) AS rows FROM (\n{' UNION ALL '.join(tuples)}\n) GROUP BY state, cells HAVING sum(rows) <> 0"
    placed = {name: state["place"] for name, state in STATES.items() if state["place"]}
    without = f"WHERE state NOT IN ({', '.join(map(quoted, placed))})" if placed else ""
    selected = [f"SELECT state, cells, rows FROM together {without}"]
    selected += [
        f"SELECT state, cells, rows FROM (SELECT *, {place} AS place FROM together WHERE state = {quoted(name)}) WHERE place = 1"
        for name, place in placed.items()
    ]
    said = json.dumps({"states": list(STATES), "silver": now})
    selected.append(f"SELECT {quoted(SEEN)}, array({quoted(said)}), 0L")
    return spark.sql(f"WITH together AS (\n{together}\n)\n" + "\nUNION ALL\n".join(selected))


def is_kept(text, followed):
    """The condition that a stored tuple is used again. Fails when another run has written meanwhile: it would count rows twice."""
    message = f"Another run has written to {STATES_TABLE} meanwhile. Nothing is lost and nothing is doubled: run this again."
    unseen = f"assert_true(cells[0] <=> {quoted(text)}, {quoted(message)}) IS NOT NULL"
    names = ", ".join(quoted(name) for name in followed)
    return f"CASE WHEN state = {quoted(SEEN)} THEN {unseen} ELSE state IN ({names}) END"


def make_views_of_changes(changed, changes, seen, now, erased):
    """Makes views of new and erased rows, and of rows before and after whose keys lie among theirs; False when there are none.

    Rows with erased keys are compared before and after. The feed tells the others that are new, but for commits that only take
    rows out: these write files again, and in the feed each of their rows is gone and new.
    """
    keys = [key for of in erased for key in of.keys]
    views = []
    for dataset in changed:
        key, columns = KEY[dataset][1], spark.table(dataset).columns
        feed = spark.read.format("delta").option("readChangeFeed", "true").option("endingVersion", now[dataset][0])
        rows = feed.option("startingVersion", seen[dataset][0] + 1).load(silver_of(dataset))
        freeing = changes[dataset].freeing
        if freeing:
            before, after = (silver_at(dataset, at[dataset][0]).where(is_one_of(f"`{key}`", keys)) for at in (seen, now))
            rows = rows.where(~F.col("_commit_version").isin(freeing)).where(f"NOT {is_one_of(f'`{key}`', keys)}").select(columns)
            rows = rows.unionByName(missing_in(before, after, columns))
            gone = missing_in(after, before, columns)
            gone.createOrReplaceTempView(f"`{dataset} gone`")
            views.append((key, f"{dataset} gone"))
        rows.select(columns).createOrReplaceTempView(f"`{dataset} added`")
        views.append((key, f"{dataset} added"))
    found = " UNION ALL ".join(f"SELECT `{key}` AS key FROM `{view}`" for key, view in views)
    least, greatest = spark.sql(f"SELECT min(key), max(key) FROM ({found})").first()
    if least is None:
        return False
    for dataset, (version, _) in now.items():
        near = F.col(KEY[dataset][1]).between(least, greatest)
        before = seen[dataset][0] if dataset in changed else version
        silver_at(dataset, before).where(near).createOrReplaceTempView(f"`{dataset} before`")
        silver_at(dataset, version).where(near).createOrReplaceTempView(f"`{dataset} near`")
    return True


# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each country?

# COMMAND ----------

VIEWS["most_popular_category_by_country"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_country`
COMMENT 'Which category is posted most in each country?'
AS
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states_of_answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_country_and_category 9933ea5404962476'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_country_and_category 9933ea5404962476'
      END
    )
    GROUP BY `country`, `category`
  ) AS `counted_by_country_and_category`
)
SELECT
  `country`,
  `category`,
  `category_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `country` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category was posted most in each year from 2018 to 2022?

# COMMAND ----------

VIEWS["most_popular_category_by_year"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_year`
COMMENT 'Which category was posted most in each year from 2018 to 2022?'
AS
WITH
`ranked_in_each_post_year` AS (
  SELECT
    `post_year`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `post_year`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `post_year`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        CAST(cells[0] AS INT) AS `post_year`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states_of_answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_post_year_and_category c384e5c038fee9f6'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_post_year_and_category c384e5c038fee9f6'
      END
    )
    GROUP BY `post_year`, `category`
  ) AS `counted_by_post_year_and_category`
)
SELECT
  `post_year`,
  `category`,
  `category_count`
FROM `ranked_in_each_post_year`
WHERE `place` = 1
ORDER BY
  `post_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Who has the most followers in each country?

# COMMAND ----------

VIEWS["top_user_by_country"] = r"""
CREATE OR REPLACE VIEW `top_user_by_country`
COMMENT 'Who has the most followers in each country?'
AS
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `poster_name`, max(`follower_count`) AS `follower_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `poster_name`,
        CAST(cells[2] AS BIGINT) AS `follower_count`,
        rows AS `rows`
      FROM `states_of_answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'follower_count_by_country_and_poster_name 13659751b467b656'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'follower_count_by_country_and_poster_name 13659751b467b656'
      END
    )
    GROUP BY `country`, `poster_name`
  ) AS `follower_count_by_country_and_poster_name`
)
SELECT
  `country`,
  `poster_name`,
  `follower_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `country` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## In which country is the user with the most followers?

# COMMAND ----------

VIEWS["country_with_top_user"] = r"""
CREATE OR REPLACE VIEW `country_with_top_user`
COMMENT 'In which country is the user with the most followers?'
AS
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `poster_name`, max(`follower_count`) AS `follower_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `poster_name`,
        CAST(cells[2] AS BIGINT) AS `follower_count`,
        rows AS `rows`
      FROM `states_of_answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'follower_count_by_country_and_poster_name 13659751b467b656'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'follower_count_by_country_and_poster_name 13659751b467b656'
      END
    )
    GROUP BY `country`, `poster_name`
  ) AS `follower_count_by_country_and_poster_name`
)
SELECT
  `country`,
  `poster_name`,
  `follower_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `follower_count` DESC,
  `country` ASC,
  `poster_name` ASC
LIMIT 1
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each age group?

# COMMAND ----------

VIEWS["most_popular_category_by_age_group"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_age_group`
COMMENT 'Which category is posted most in each age group?'
AS
WITH
`ranked_in_each_age_group` AS (
  SELECT
    `age_group`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `age_group`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `age_group`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        cells[0] AS `age_group`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states_of_answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_age_group_and_category 57219e688e55631e'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_age_group_and_category 57219e688e55631e'
      END
    )
    GROUP BY `age_group`, `category`
  ) AS `counted_by_age_group_and_category`
)
SELECT
  `age_group`,
  `category`,
  `category_count`
FROM `ranked_in_each_age_group`
WHERE `place` = 1
ORDER BY
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count in each age group?

# COMMAND ----------

VIEWS["median_followers_by_age_group"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_age_group`
COMMENT 'What is the median follower count in each age group?'
AS
SELECT
  `age_group`,
  `median_follower_count`
FROM (
  SELECT `age_group`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      cells[0] AS `age_group`,
      CAST(cells[1] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states_of_answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_age_group ffbed8cf38f07360'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_age_group ffbed8cf38f07360'
    END
  )
  GROUP BY `age_group`
) AS `median_follower_count_by_age_group`
ORDER BY
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## How many users joined in each year from 2015 to 2020?

# COMMAND ----------

VIEWS["users_joined_by_year"] = r"""
CREATE OR REPLACE VIEW `users_joined_by_year`
COMMENT 'How many users joined in each year from 2015 to 2020?'
AS
SELECT
  `join_year`,
  `number_users_joined`
FROM (
  SELECT `join_year`, count(DISTINCT `user_name`, `date_joined`) AS `number_users_joined`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      cells[1] AS `user_name`,
      timestamp_micros(CAST(cells[2] AS BIGINT)) AS `date_joined`,
      rows AS `rows`
    FROM `states_of_answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'number_users_joined_by_join_year 28add1bf6cdb2cb4'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'number_users_joined_by_join_year 28add1bf6cdb2cb4'
    END
  )
  GROUP BY `join_year`
) AS `number_users_joined_by_join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count of users by the year in which they joined, 2015 to 2020?

# COMMAND ----------

VIEWS["median_followers_by_join_year"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_join_year`
COMMENT 'What is the median follower count of users by the year in which they joined, 2015 to 2020?'
AS
SELECT
  `join_year`,
  `median_follower_count`
FROM (
  SELECT `join_year`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      CAST(cells[1] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states_of_answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_join_year e9bb7d982b043da4'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_join_year e9bb7d982b043da4'
    END
  )
  GROUP BY `join_year`
) AS `median_follower_count_by_join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count by joining year, 2015 to 2020, and age group?

# COMMAND ----------

VIEWS["median_followers_by_join_year_and_age_group"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_join_year_and_age_group`
COMMENT 'What is the median follower count by joining year, 2015 to 2020, and age group?'
AS
SELECT
  `join_year`,
  `age_group`,
  `median_follower_count`
FROM (
  SELECT `join_year`, `age_group`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      cells[1] AS `age_group`,
      CAST(cells[2] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states_of_answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_join_year_and_age_group 040b13a189c66b5d'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_join_year_and_age_group 040b13a189c66b5d'
    END
  )
  GROUP BY `join_year`, `age_group`
) AS `median_follower_count_by_join_year_and_age_group`
ORDER BY
  `join_year` ASC,
  `age_group` ASC
"""

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
