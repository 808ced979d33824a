# Makes `spark`, and keeps it for the sources that follow; its settings are in the folder that SPARK_CONF_DIR names.
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("cases and tests").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
