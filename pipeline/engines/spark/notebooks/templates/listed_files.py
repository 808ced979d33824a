# @note Which landing files there are, and the record of those that were read.
import re

# @include frame_of.py


FILES_READ = f"{lake}/files_read"
FILES_COLUMNS = "dataset STRING, file STRING, size BIGINT, modified BIGINT, rules STRING"
# Spark writes paths with or without a scheme, but always with what follows it.
TOPICS = re.sub(r"^[A-Za-z0-9]+:/*", "/", landing) + "/topics/"
# The case of letters in the ending of a name means nothing, except that Spark decompresses `.gz` alone.
LINES = r"(?i)[.](json|jsonl|ndjson)((?-i)[.]gz)?\\z"
# The keys and headers of records, which sinks may write beside their values.
NO_EVENTS = r"(?i)[.](keys|headers)[.](json|jsonl|ndjson)([.]gz)?\\z"


def relative(location):
    """The column of a path from `topics/` on."""
    return f"concat('topics/', substring_index({location}, {quoted(TOPICS)}, -1))"


def placed_lines_of(locations):
    """The lines of files: file, text, and block and place, by which the lines of a file are in order. Only \\n ends a line."""
    # The path that Spark tells is encoded as in a URL, where a plus sign stays as it is.
    path = "url_decode(replace(_metadata.file_path, '+', '%2B'))"
    lines = spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true").text(locations)
    places = ["_metadata.file_block_start AS block", "monotonically_increasing_id() AS place"]
    return lines.selectExpr(f"{relative(path)} AS file", "value AS text", *places)


def recorded_files():
    """The record of files read; empty where there is none."""
    recorded = stored(spark, FILES_READ)
    return spark.createDataFrame([], FILES_COLUMNS) if recorded is None else recorded


def every_file():
    """All files below the topics; none where there is no such folder."""
    try:
        files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(f"{landing}/topics")
        files.columns
    except AnalysisException as error:
        if error.getCondition() not in ABSENT:
            raise
        return spark.createDataFrame([], "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY")
    return files


def listed(dataset):
    """The landing files of a dataset."""
    return spark.table("listed_files").where(F.col("is_read") & (F.col("dataset") == dataset)).collect()


def list_files():
    """Lists the files as they are now, as a view."""
    every_file().createOrReplaceTempView("every_file")
    # A topic is named after its dataset, perhaps behind a user prefix and a point.
    spark.sql(rf"""
SELECT
  element_at(split(split(file, '/')[1], '[.]'), -1) AS dataset,
  file RLIKE '{LINES}' AND NOT file RLIKE '{NO_EVENTS}' AS is_read,
  file, location, size, modified
FROM (
  SELECT {relative('path')} AS file, path AS location, length AS size, unix_millis(modificationTime) AS modified
  FROM every_file
)
WHERE size(split(file, '/')) > 2
""").createOrReplaceTempView("listed_files")
