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
