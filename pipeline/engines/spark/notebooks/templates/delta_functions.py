# @note Delta tables at paths: made when they are missing, and given only the rows that they do not hold yet.
from delta.tables import DeltaTable


def create_if_missing(session, path, columns):
    """Makes an empty Delta table at a path, unless there is one.

    Without deletion vectors, which runtimes of Databricks turn on by default and other readers may not know.
    """
    properties = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"
    session.sql(f"CREATE TABLE IF NOT EXISTS delta.`{path}` ({columns}) USING DELTA {properties}")


def store_as_delta(session, rows, path, key):
    """Adds the rows that the table does not hold yet: done twice, it is as if done once.

    The rows must differ in their key, for an insert-only merge does not compare them with each other.
    """
    same = " AND ".join(f"kept.`{column}` <=> new.`{column}`" for column in key)
    merge = DeltaTable.forPath(session, path).alias("kept").merge(rows.alias("new"), same)
    merge.whenNotMatchedInsertAll().execute()
