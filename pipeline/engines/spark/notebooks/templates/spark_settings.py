# @note The settings under which the generated SQL means what it says. Times are written as microseconds: Spark's default, INT96,
# @note is read as nanoseconds by other readers, which do not reach from the year 1 to 9999.
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
