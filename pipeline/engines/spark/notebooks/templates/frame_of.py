# @note Rows that a notebook holds itself, as a data frame.
import pyarrow

ARROW_TYPES = {"STRING": pyarrow.string(), "BIGINT": pyarrow.int64()}


def frame_of(rows, columns):
    """A data frame of rows with the columns that a text like `a STRING, b BIGINT` says.

    As Arrow: Spark would start processes of Python for a list, in each query that uses it. Spark Connect takes no Arrow without rows.
    """
    if not rows:
        return spark.createDataFrame([], columns)
    schema = pyarrow.schema([(name, ARROW_TYPES[kind]) for name, kind in map(str.split, columns.split(", "))])
    return spark.createDataFrame(pyarrow.Table.from_pylist([dict(zip(schema.names, row)) for row in rows], schema))


