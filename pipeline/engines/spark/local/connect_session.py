# Makes `spark`, a client of Spark Connect, and keeps it for the sources that follow. Its server lives in the JVM that a classic
# session starts, which nothing else uses.
import os

from pyspark.sql import SparkSession

server = SparkSession.builder.appName("tests").getOrCreate()
server.sparkContext.setLogLevel("ERROR")
service = getattr(server._jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
port = getattr(service, "MODULE$").localPort()
# Functions and types then are those of the client.
os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
from pyspark.sql.connect.session import SparkSession as RemoteSession

spark = RemoteSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
