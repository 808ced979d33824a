"""PySpark 4 on all cores of this machine: landing JSON → cleaned tables, cached → nine answers, in Spark SQL.

spark_sql.py lists what it leaves out.
"""

import os

from common import datasets, main
from pyspark.sql import SparkSession
from spark_sql import SETTINGS, answers_of, cleaned, read
from spark_sql import decode as decode_with


# The cores on which this process may run: one when a stream is measured on one core.
CORES = len(os.sched_getaffinity(0))


def start():
    builder = (
        SparkSession.builder.master(f"local[{CORES}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "8g")
        # One a core instead of the 200 that suit a cluster.
        .config("spark.sql.shuffle.partitions", str(CORES))
    )
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


spark = start()


def answer(work):
    with work.stage("read"):
        for dataset in datasets:
            cleaned(spark, read(spark, work, dataset), dataset).createOrReplaceTempView(f"cleaned_{dataset}")
            spark.sql(f"CACHE TABLE {dataset} AS TABLE cleaned_{dataset}")
    with work.stage("answers"):
        answers = answers_of(spark)
    # The next run makes them again.
    for dataset in datasets:
        spark.sql(f"UNCACHE TABLE {dataset}")
        spark.catalog.dropTempView(dataset)
    return answers


if __name__ == "__main__":
    main(answer, lambda work: decode_with(spark, work))
