# Hands tables to Spark and takes answers back. Times travel as milliseconds since 1970.
import pyarrow as pa
from pyspark.sql import functions as F, types as T

ARROW_TYPES = {
    "bigint": pa.int64(), "int": pa.int32(), "double": pa.float64(), "text": pa.string(), "boolean": pa.bool_(),
    "timestamp": pa.int64(), "date": pa.int64(), "array<double>": pa.list_(pa.float64()),
    "array<text>": pa.list_(pa.string()),
}


def typed(value, type):
    if value is None:
        return None
    if type == "double":
        return float(value)
    if type == "array<double>":
        return [float(item) for item in value]
    return value


def make_view(name, columns, rows):
    # Rows that are handed over as Python's values go through a Python process of each task, which takes most of a small query's time.
    arrays = [
        pa.array([typed(row[at], type) for row in rows], ARROW_TYPES[type]) for at, (_, type) in enumerate(columns)
    ]
    frame = spark.createDataFrame(pa.table(arrays, names=[column for column, _ in columns]))
    for column, type in columns:
        if type == "timestamp":
            frame = frame.withColumn(column, F.timestamp_millis(F.col(f"`{column}`")))
        if type == "date":
            frame = frame.withColumn(column, F.expr(f"date_from_unix_date(CAST(`{column}` DIV 86400000 AS INT))"))
    frame.createOrReplaceTempView(name)


def plain(column, type):
    if isinstance(type, T.TimestampType):
        return F.unix_millis(column)
    if isinstance(type, T.DateType):
        return F.unix_date(column).cast("bigint") * 86400000
    return column


def answer(statement):
    frame = spark.sql(statement)
    columns = [[field.name, field.dataType.simpleString()] for field in frame.schema.fields]
    plain_times = frame.toDF(*[f"c{at}" for at in range(len(columns))]).select(
        *[plain(F.col(f"c{at}"), field.dataType) for at, field in enumerate(frame.schema.fields)]
    )
    return {"columns": columns, "rows": [list(row) for row in plain_times.collect()]}
