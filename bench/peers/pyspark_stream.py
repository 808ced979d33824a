"""Spark Structured Streaming on one core: available data, file after file → distinct cleaned rows → Parquet; then
the nine queries over the Parquet, once, because a stream cannot maintain the median of a join.

spark_sql.py lists what it leaves out.
"""

from tempfile import TemporaryDirectory

from common import datasets, main
from pyspark_peer import spark
from spark_sql import RAW, answers_of, cleaned

FILES_AT_ONCE = 3


def answer(work):
    with TemporaryDirectory() as folder, work.stage("stream"):
        for dataset in datasets:
            stream_of(work, folder, dataset)
        return answers_of(spark)


def stream_of(work, folder, dataset):
    """Runs one dataset's stream to its end, and makes its output the view of the dataset."""
    silver = f"{folder}/silver/{dataset}"
    arriving = spark.readStream.schema(RAW[dataset]).option("maxFilesPerTrigger", FILES_AT_ONCE)
    raw = arriving.json(f"{work.landing}/topics/{dataset}/*")
    written = (
        cleaned(spark, raw, dataset)
        .writeStream.format("parquet")
        .option("checkpointLocation", f"{folder}/checkpoints/{dataset}")
        .trigger(availableNow=True)
        .start(silver)
    )
    written.awaitTermination()
    spark.read.parquet(silver).createOrReplaceTempView(dataset)


if __name__ == "__main__":
    main(answer)
