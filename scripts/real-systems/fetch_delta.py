"""Starts Spark once with Delta, so that Ivy fetches Delta's jars into a folder, and copies them to another.

Later starts name the copies in spark.jars and need neither Ivy nor a network.
Usage: fetch_delta.py IVY_DIR JARS_DIR
"""

import shutil
import sys
from pathlib import Path

from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

ivy, jars = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
builder = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.jars.ivy", str(ivy))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
)
spark = configure_spark_with_delta_pip(builder).getOrCreate()
spark.range(1).write.format("delta").mode("overwrite").save(str(ivy.parent / "first-table"))
spark.stop()

fetched = sorted((ivy / "jars").glob("*.jar"))
if not any(jar.name.startswith("io.delta_delta-spark") for jar in fetched):
    sys.exit(f"Ivy left no Delta jar in {ivy / 'jars'}")
jars.mkdir(parents=True, exist_ok=True)
for jar in fetched:
    shutil.copy2(jar, jars / jar.name)
shutil.rmtree(ivy.parent / "first-table")
