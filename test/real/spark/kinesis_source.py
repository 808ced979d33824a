# A source that stands where Databricks' Kinesis connector does, by its name and with its columns. A stream is a file of
# records, one JSON object a line: shard, sequence, data (base64). It grows as a stream does, and is read from anywhere.
import base64
import datetime
import json
import os

from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition


class Kinesis(DataSource):
    folder = STREAMS_FOLDER

    @classmethod
    def name(cls):
        return "kinesis"

    def schema(self):
        return (
            "partitionKey STRING, data BINARY, stream STRING, shardId STRING, sequenceNumber STRING, "
            "approximateArrivalTimestamp TIMESTAMP"
        )

    def streamReader(self, schema):
        if self.options["initialPosition"] != "earliest" or not self.options["region"]:
            raise ValueError(f"Databricks would read these from now on, or not at all: {self.options}")
        with open(os.path.join(self.folder, "options.jsonl"), "a") as log:
            log.write(json.dumps(dict(self.options)) + "\n")
        return Records(self.folder, self.options["streamName"])


class Records(DataSourceStreamReader):
    def __init__(self, folder, stream):
        self.folder, self.stream = folder, stream

    def records(self):
        with open(os.path.join(self.folder, self.stream + ".jsonl")) as lines:
            return [json.loads(line) for line in lines]

    def initialOffset(self):
        return {"records": 0}

    def latestOffset(self):
        return {"records": len(self.records())}

    def partitions(self, start, end):
        return [InputPartition((start["records"], end["records"]))]

    def read(self, partition):
        start, end = partition.value
        for record in self.records()[start:end]:
            arrived = datetime.datetime.fromtimestamp(record.get("arrived", 1704067200), datetime.timezone.utc)
            data = base64.b64decode(record["data"])
            yield ("key", data, self.stream, record["shard"], record["sequence"], arrived)


spark.dataSource.register(Kinesis)


# Databricks' runtime has boto3; here Kinesis is a folder, and a stream was made when its file was.
import sys
from types import SimpleNamespace


def describe_stream_summary(StreamName):
    path = os.path.join(Kinesis.folder, f"{StreamName}.created")
    made = open(path).read() if os.path.exists(path) else "2026-01-01T00:00:00+00:00"
    return {"StreamDescriptionSummary": {"StreamCreationTimestamp": datetime.datetime.fromisoformat(made)}}


def boto3_session(botocore_session=None, region_name=None):
    return SimpleNamespace(client=lambda service: SimpleNamespace(describe_stream_summary=describe_stream_summary))


sys.modules["boto3"] = SimpleNamespace(Session=boto3_session)
