/** Cells that several notebooks share. */
import type { Dataset } from '../../../plan/dataset.ts';
import type { Schema } from '../../../plan/types.ts';
import { decodeSql } from '../decode_sql.ts';
import { planSql } from '../plan_sql.ts';
import { pythonSql, pythonString } from '../python.ts';
import { identifier, sparkTypes } from '../quoting.ts';

/**
 * The settings under which the SQL means what it says, and times are written as microseconds: Spark's own choice, INT96,
 * is read as nanoseconds by others, which do not reach from the year 1 to 9999.
 */
export const sparkSettings = `spark.conf.set("spark.sql.session.timeZone", "UTC")
spark.conf.set("spark.sql.ansi.enabled", "true")


def set_where_possible(setting, value):
    """Sets what serverless compute decides by itself, and refuses to be told."""
    try:
        spark.conf.set(setting, value)
    except Exception as error:
        if "CONFIG_NOT_AVAILABLE" not in str(error):
            raise


set_where_possible("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")`;

/** These, and what reading lines needs: an object inside a field may have a key twice, and the line is well formed. */
export const decodeSettings = `${sparkSettings}
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")`;

/** Reads a widget that must be filled. */
export const requiredWidget = `def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "\`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")`;

/** Keeps rows for more than one use, where the compute lets a notebook do so. */
export const persistFunctions = `def persisted(rows):
    """The rows, kept until they are let go; serverless compute refuses that, and makes them again."""
    try:
        return rows.persist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
        return rows


def let_go(rows):
    if rows.storageLevel.useMemory or rows.storageLevel.useDisk:
        rows.unpersist()`;

/** Delta tables at paths: made when they are missing, and given only what they do not hold yet. */
export const deltaFunctions = `from delta.tables import DeltaTable


def create_if_missing(session, path, columns):
    """Makes an empty Delta table at a path, unless there is one.

    Without deletion vectors, which runtimes of Databricks turn on by default and other readers may not know.
    """
    properties = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"
    session.sql(f"CREATE TABLE IF NOT EXISTS delta.\`{path}\` ({columns}) USING DELTA {properties}")


def store_as_delta(session, rows, path, key):
    """Adds the rows that the table does not hold yet: done twice, it is as if done once.

    The rows must differ in their key, for an insert-only merge does not compare them with each other.
    """
    same = " AND ".join(f"kept.\`{column}\` <=> new.\`{column}\`" for column in key)
    merge = DeltaTable.forPath(session, path).alias("kept").merge(rows.alias("new"), same)
    merge.whenNotMatchedInsertAll().execute()`;

/** The columns of a table as Spark SQL writes them, one a line. */
export function columnsSql(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, type]) => `${identifier(name)} ${sparkTypes[type]}`)
    .join(', ');
}

/** One cell for each dataset: its columns, how lines become raw fields, and how these are cleaned. */
export function datasetCells(datasets: readonly Dataset[], origin: readonly string[]): readonly string[] {
  return datasets.map((dataset) => {
    const { name, cleaning } = dataset;
    const key = pythonString(name);
    const lines = identifier(`${name}_lines`);
    return [
      `COLUMNS[${key}] = ${pythonString(columnsSql(cleaning.schema))}`,
      `DECODE[${key}] = ${pythonSql(decodeSql(dataset, { lines, origin }))}`,
      `CLEAN[${key}] = ${pythonSql(planSql(cleaning.node))}`,
    ].join('\n\n');
  });
}

/** The cell before those of the datasets. */
export const emptyDefinitions = 'COLUMNS, DECODE, CLEAN = {}, {}, {}';
