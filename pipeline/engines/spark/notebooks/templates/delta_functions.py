# @note Delta tables at paths, by SQL and DataFrames alone, which Spark Connect has too. Each function that adds rows reads the
# @note same table in the transaction that adds them: so Delta refuses one of two runs at once, as it does for MERGE, instead of
# @note storing a row twice. An append that reads nothing of its table would be refused by nobody.
from collections import namedtuple

from pyspark.sql import functions as F

# @include stored.py


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


def create_if_missing(session, path, columns, properties={}):
    """Makes an empty Delta table at a path, unless there is one."""
    if not exists(session, path):
        wanted = {"delta.enableDeletionVectors": "false"} | properties
        listed = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
        session.sql(f"CREATE TABLE IF NOT EXISTS delta.`{path}` ({columns}) USING DELTA TBLPROPERTIES ({listed})")


def missing_in(kept, rows, columns):
    """The rows that differ from all that are kept in one of the columns, nulls being equal."""
    kept = kept.select(*[F.col(column).alias(f"kept_{at}") for at, column in enumerate(columns)])
    same = [F.col(column).eqNullSafe(F.col(f"kept_{at}")) for at, column in enumerate(columns)]
    return rows.join(kept, same, "left_anti")


def add_rows(session, rows, path, columns, **options):
    """Adds the rows that the table does not hold yet, by some of their columns: done twice, it is as if done once.

    The rows must differ in these columns, for they are not compared with each other.
    """
    kept = stored(session, path)
    write(rows if kept is None else missing_in(kept, rows, columns), path, **options)


Counted = namedtuple("Counted", "bad, least, greatest, others")


def events_of(decoded):
    """The raw fields of decoded lines: nulls alone, where a line is no event, for events have a key."""
    return decoded.selectExpr("CASE WHEN reason IS NULL THEN raw END AS raw").select("raw.*")


def counts_of(key, counts):
    """The aggregates over `events_of` that `Counted` is made of."""
    field, _ = key
    return [f"count(*) - count({field})", f"min({field})", f"max({field})", *counts]


def count_lines(events, key, counts=()):
    """What one look at decoded lines tells: how many are no events, the least and greatest key, and other counts of events."""
    bad, least, greatest, *others = events.selectExpr(*counts_of(key, counts)).first()
    return Counted(bad, least, greatest, others)


def cleaned(session, dataset, events):
    """The rows of silver that events are, each once."""
    events.where(f"{KEY[dataset][0]} IS NOT NULL").createOrReplaceTempView(f"{dataset}_raw")
    return session.sql(CLEAN[dataset])


def keys_of(events, key):
    """The keys of events, under the name of their column in silver; null for lines that are none."""
    field, column = key
    return events.selectExpr(f"{field} AS `{column}`")


def add_by_key(session, rows, keys, counted, path):
    """Adds the distinct rows that the table at a path does not hold yet, at the cost of these rows: as `add_rows`, by all columns.

    A row can be in the table only under its own key. So the table's keys are read, of files whose statistics say that
    they may hold these; its other columns only for keys that came again.
    """
    if counted.least is None:
        return
    kept = stored(session, path)
    [key] = keys.columns
    near = kept.where(F.col(key).between(counted.least, counted.greatest))
    # Lines are not decoded again where no row is near: so it is with keys that ascend.
    found = [] if near.isEmpty() else near.select(key).join(keys, key, "left_semi").distinct().limit(KEYS_COMPARED + 1).collect()
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
