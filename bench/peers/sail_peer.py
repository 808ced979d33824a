"""Sail: Spark SQL in Rust, behind Spark Connect in this process: landing JSON → cleaned tables → nine answers.

It keeps no table in memory (cache() does nothing), and reading the JSON again for each answer takes longer than
keeping the cleaned tables as temporary Parquet files, as here.

spark_sql.py lists what it leaves out.
"""

from tempfile import TemporaryDirectory

from common import datasets, main
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from spark_sql import SETTINGS, answers_of, cleaned, read
from spark_sql import decode as decode_with


def start(server):
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    return spark


# It ends when nothing refers to it any more.
server = SparkConnectServer("127.0.0.1", 0)
spark = start(server)


def answer(work):
    with TemporaryDirectory() as folder:
        return answer_from(work, folder)


def answer_from(work, folder):
    with work.stage("read"):
        for dataset in datasets:
            cleaned(spark, read(spark, work, dataset), dataset).write.mode("overwrite").parquet(f"{folder}/{dataset}")
            spark.read.parquet(f"{folder}/{dataset}").createOrReplaceTempView(dataset)
    with work.stage("answers"):
        return answers_of(spark)


if __name__ == "__main__":
    main(answer, lambda work: decode_with(spark, work))
