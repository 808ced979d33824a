# Databricks notebook source
# MAGIC %md
# MAGIC # Tell of a failure
# MAGIC The last task of a job, run when one before it has failed: publishes which job and run to an SNS topic.

# COMMAND ----------

dbutils.widgets.text("topic", "", "ARN of the SNS topic")
dbutils.widgets.text("region", "us-east-1", "AWS region of the topic")
dbutils.widgets.text("serviceCredential", "", "Service credential, if any; otherwise the instance profile")
dbutils.widgets.text("job", "", "Name of the job")
dbutils.widgets.text("run", "", "Where to look: the run")

# COMMAND ----------

import boto3

# @include required.py


region, job = required("region"), required("job")
service_credential = dbutils.widgets.get("serviceCredential").strip()
# Without a session of its own boto3 asks the machine, which carries the instance profile.
credentials = dbutils.credentials.getServiceCredentialsProvider(service_credential) if service_credential else None
session = boto3.Session(botocore_session=credentials, region_name=region)
session.client("sns").publish(
    TopicArn=required("topic"),
    # The subject of an e-mail is ASCII, of 100 characters at most.
    Subject=f"Databricks: {job} failed".encode("ascii", "replace").decode()[:100],
    Message=f"The job {job} has failed: {required('run')}",
)

# COMMAND ----------

# MAGIC %md
# MAGIC The run is what its last tasks are: it must not look well because this one has done its work.

# COMMAND ----------

raise RuntimeError(f"{job} has failed: see the tasks before this one.")
