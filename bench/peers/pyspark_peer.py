"""PySpark 4 on local[2]: landing JSON → cleaned tables, cached → nine answers, in Spark SQL.

What it leaves out is told in spark_sql.py.
"""

from common import datasets, main
from pyspark.sql import SparkSession
from spark_sql import CLEAN, SETTINGS, answers_of, read
from spark_sql import decode as decode_with


def start():
    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "8g")
        # As many as there are cores, not the 200 that suit a cluster.
        .config("spark.sql.shuffle.partitions", "2")
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
            read(spark, work, dataset).createOrReplaceTempView(f"raw_{dataset}")
            spark.sql(f"CACHE TABLE {dataset} AS {CLEAN[dataset]}")
    with work.stage("answers"):
        answers = answers_of(spark)
    for dataset in datasets:
        spark.sql(f"UNCACHE TABLE {dataset}")
    return answers


if __name__ == "__main__":
    main(answer, lambda work: decode_with(spark, work))
