# Hands tables to Spark and takes answers back. Times travel as milliseconds since 1970.
from pyspark.sql import functions as F, types as T

SPARK_TYPES = {
    "bigint": "bigint", "int": "int", "double": "double", "text": "string", "boolean": "boolean",
    "timestamp": "bigint", "date": "bigint", "array<double>": "array<double>",
    "array<text>": "array<string>",
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
    schema = ", ".join(f"`{column}` {SPARK_TYPES[type]}" for column, type in columns)
    types = [type for _, type in columns]
    frame = spark.createDataFrame([[typed(v, t) for v, t in zip(row, types)] for row in rows], schema)
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
