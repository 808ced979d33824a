# Makes `spark`, a session of its own in a JVM that others use too, and keeps it for the sources that follow. `input` holds the port
# and the secret of a gateway to that JVM, which no other process uses, and settings of the session.
import os

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

os.environ["PYSPARK_GATEWAY_PORT"] = str(input["port"])
os.environ["PYSPARK_GATEWAY_SECRET"] = input["secret"]
gateway = launch_gateway()
sessions = gateway.jvm.org.apache.spark.sql.classic.SparkSession
first = sessions.getDefaultSession().get()
context = gateway.jvm.org.apache.spark.api.java.JavaSparkContext.fromSparkContext(first.sparkContext())
spark = SparkSession(
    SparkContext(gateway=gateway, jsc=context, conf=SparkConf(_jconf=context.getConf())), first.newSession()
)
# The session that is made last would become that of every thread that has none.
sessions.setDefaultSession(first)
for name, value in input["settings"].items():
    spark.conf.set(name, value)
