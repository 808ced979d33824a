# Makes `spark`, a client of the server of Spark Connect whose port is in `input`, and keeps it for the sources that follow. `input`
# holds settings of the session, too.
import os

# Functions and types then are those of the client.
os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
from pyspark.sql.connect.session import SparkSession

spark = SparkSession.builder.remote(f"sc://127.0.0.1:{input['port']}").getOrCreate()
for name, value in input["settings"].items():
    spark.conf.set(name, value)
