# Databricks notebook source
# MAGIC %md
# MAGIC # Erasing posts
# MAGIC Written by `npm run notebooks` from the definitions of datasets: change those, not this.
# MAGIC
# MAGIC - Adds the keys to the lake's table `erasures`. From that commit on they are erased, and both other notebooks let nothing in with them.
# MAGIC - Takes their rows and lines out of silver and quarantine of both paths, and out of bronze.
# MAGIC - Writes landing files again without their lines, and removes those that have no other. So it does with every line that was
# MAGIC   erased before and has come since.
# MAGIC - `pinterest_batch_data`, which the job runs next, makes the answers anew.
# MAGIC
# MAGIC Killed, it is run again without keys, which carries out all that was ever erased.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("landing", "", "Folder that holds topics/, as s3://bucket/folder")
dbutils.widgets.text("region", "us-east-1", "AWS region of the bucket")
dbutils.widgets.text("serviceCredential", "", "Service credential, if any; otherwise the instance profile")
dbutils.widgets.text("keys", "", "Keys of the posts, separated by commas; empty: carries out what was erased before")
dbutils.widgets.text("reason", "", "Reason, kept in the table erasures")
dbutils.widgets.dropdown("letReturn", "no", ["no", "yes"], "Whether what is posted later counts again")

# COMMAND ----------

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


import re

landing, lake = required("landing"), required("lake")
words = [word for word in re.split(r"[\s,]+", dbutils.widgets.get("keys")) if word]
for word in words:
    if not re.fullmatch("-?[0-9]+", word) or abs(int(word)) >= 2**53:
        raise ValueError(f"{word!r} is no key: a key is a whole number within ±(2⁵³−1), as the field ind or index has it.")
keys = sorted({int(word) for word in words})
reason = dbutils.widgets.get("reason").strip()
returns = dbutils.widgets.get("letReturn") == "yes"
spark.conf.set("spark.sql.session.timeZone", "UTC")
spark.conf.set("spark.sql.ansi.enabled", "true")


def set_where_possible(setting, value):
    """Sets what serverless compute decides by itself, and refuses to be told."""
    try:
        spark.conf.set(setting, value)
    except Exception as error:
        if "CONFIG_NOT_AVAILABLE" not in str(error):
            raise


set_where_possible("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
set_where_possible("spark.sql.variant.allowDuplicateKeys", "true")

# COMMAND ----------

import os
import re
import threading
from collections import namedtuple

# A file's bytes, the second of its last change, and what tells that it is still the same.
Held = namedtuple("Held", "content, modified, version")


class ChangedMeanwhile(RuntimeError):
    def __init__(self, path):
        super().__init__(f"{path} was changed or removed meanwhile. Nothing is lost: run this again, without keys.")


class Folder:
    """A folder of the machine that runs this."""

    def __init__(self, root):
        self.root = root

    def names(self, folder):
        """The names of the files right below a folder."""
        return [entry.name for entry in os.scandir(f"{self.root}/{folder}") if entry.is_file()]

    def read(self, path):
        """A file, or None where there is none."""
        try:
            with open(f"{self.root}/{path}", "rb") as file:
                changed = os.fstat(file.fileno()).st_mtime_ns
                return Held(file.read(), changed // 10**9, changed)
        except FileNotFoundError:
            return None

    def put(self, path, content, was=None):
        """Writes a file; in place of what was read, where that is still there. A link stays, and what it leads to is written."""
        file = os.path.realpath(f"{self.root}/{path}")
        folder, name = os.path.split(file)
        # A sink removes what is left of a name that ends so.
        aside = f"{folder}/.{name}.tmp"
        with open(aside, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        if was is not None and (not os.path.exists(file) or os.stat(file).st_mtime_ns != was.version):
            os.remove(aside)
            raise ChangedMeanwhile(path)
        os.replace(aside, file)
        self.sync(folder)

    def remove(self, path):
        """Removes a file, and what it leads to where it is a link."""
        for file in {os.path.realpath(f"{self.root}/{path}"), f"{self.root}/{path}"}:
            if os.path.lexists(file):
                os.remove(file)
            self.sync(os.path.dirname(file))

    def sync(self, folder):
        """Lets a change of names outlive a loss of power."""
        opened = os.open(folder, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)


class Bucket:
    """A folder of a bucket. The rights are those of a service credential, or of the instance profile that the machine carries."""

    def __init__(self, url, region, credentials):
        import boto3

        self.bucket, _, self.root = url.removeprefix("s3://").partition("/")
        self.client = boto3.Session(botocore_session=credentials, region_name=region).client("s3")
        # Clients of before November 2024 do not know the parameter `IfMatch`. A header of any client is signed and sent.
        self.condition = threading.local()
        self.client.meta.events.register("before-call.s3.PutObject", self.add_condition)

    def add_condition(self, params, **_):
        if getattr(self.condition, "version", None):
            params["headers"]["If-Match"] = self.condition.version

    def object(self, path):
        return {"Bucket": self.bucket, "Key": f"{self.root}/{path}".lstrip("/")}

    def names(self, folder):
        below = self.object(f"{folder}/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=below["Key"], Delimiter="/")
        return [found["Key"].removeprefix(below["Key"]) for page in pages for found in page.get("Contents", [])]

    def read(self, path):
        try:
            found = self.client.get_object(**self.object(path))
        except self.client.exceptions.NoSuchKey:
            return None
        return Held(found["Body"].read(), int(found["LastModified"].timestamp()), found["ETag"])

    def put(self, path, content, was=None):
        self.condition.version = was and was.version
        try:
            self.client.put_object(**self.object(path), Body=content)
        except self.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 409, 412):
                raise ChangedMeanwhile(path) from error
            raise
        finally:
            self.condition.version = None

    def remove(self, path):
        self.client.delete_object(**self.object(path))


def bytes_below(place, region, service_credential):
    """The files below a folder of this machine, or an s3:// URL."""
    if place.startswith("s3://"):
        # Without a session of its own boto3 asks the machine, which carries the instance profile.
        credentials = dbutils.credentials.getServiceCredentialsProvider(service_credential) if service_credential else None
        return Bucket(place, region, credentials)
    root = re.sub("^file:/*", "/", place)
    if not root.startswith("/"):
        raise ValueError(f"Landing files are written again by S3 itself: name {place!r} as s3://bucket/folder.")
    return Folder(root)


landing_bytes = bytes_below(landing, required("region"), dbutils.widgets.get("serviceCredential").strip())

# COMMAND ----------

COLUMNS, DECODE, CLEAN, KEY = {}, {}, {}, {}

# COMMAND ----------

COLUMNS["pin"] = "`ind` BIGINT, `unique_id` STRING, `title` STRING, `description` STRING, `follower_count` BIGINT, `poster_name` STRING, `tag_list` STRING, `is_image_or_video` STRING, `image_src` STRING, `save_location` STRING, `category` STRING"

DECODE["pin"] = r"""
WITH
`valid_lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`
  FROM `pin_lines`
),
`shaped_lines` AS (
  SELECT
    `file`,
    `text`,
    octet_length(`text`) <= 4000 AND `text` RLIKE '\\A\\{(?:\"(?:(?:index((?!\\1)))\": ?+(?:0|-?[1-9][0-9]{0,14}+)|(?:unique_id((?!\\2))|title((?!\\3))|description((?!\\4))|poster_name((?!\\5))|follower_count((?!\\6))|tag_list((?!\\7))|is_image_or_video((?!\\8))|image_src((?!\\9))|save_location((?!\\10))|category((?!\\11)))\": ?+(?:\"(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*)(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*))*+\"|null)|(?:downloaded((?!\\12)))\": ?+(?:(?:0|-?[1-9][0-9]{0,14}+)|null))(?:, ?+(?=\")|(?=\\}\\z)))++\\1\\}\\z' AS `is_plain`
  FROM `valid_lines`
),
`lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    CASE WHEN NOT `is_plain` THEN trim(BOTH ' \t\n\r' FROM `text`) END AS `object`
  FROM `shaped_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    `read`.`plain`,
    `read`.`parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once, and in one way.
  LATERAL VIEW explode(array(named_struct(
    'plain', CASE WHEN `is_plain` THEN from_json(`text`, '`index` BIGINT, `unique_id` STRING, `title` STRING, `description` STRING, `poster_name` STRING, `follower_count` STRING, `tag_list` STRING, `is_image_or_video` STRING, `image_src` STRING, `downloaded` BIGINT, `save_location` STRING, `category` STRING') END,
    'parsed', CASE
      WHEN `is_plain` THEN NULL
      WHEN octet_length(`object`) > 16777216 THEN NULL
      WHEN json_array_length(concat('[', `object`, ']')) <=> 1
        AND (
          char_length(`object`) <= 1000
          OR (char_length(`object`) - char_length(translate(`object`, '[{', '')) <= 500 OR aggregate(sequence(1, 500), translate(regexp_replace(regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', ''), '[^\\[\\]{}]', ''), '{}', '[]'), (pairs, level) -> replace(pairs, '[]', '')) = '')
          AND (`object` NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}' OR regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', '') NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}')
        )
      THEN from_json(
        concat('{"value":', `object`, ',"end":"', md5(`object`), '"}'),
        '`value` STRUCT<`index` VARIANT, `unique_id` VARIANT, `title` VARIANT, `description` VARIANT, `poster_name` VARIANT, `follower_count` VARIANT, `tag_list` VARIANT, `is_image_or_video` VARIANT, `image_src` VARIANT, `downloaded` VARIANT, `save_location` VARIANT, `category` VARIANT>, `end` STRING',
        map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')
      )
    END
  ))) AS `read`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    (`is_plain` OR `parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'index', CASE WHEN `is_plain` THEN `plain`.`index` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`index`) = 'BIGINT' AND try_cast(`parsed`.`value`.`index` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`index` AS BIGINT) END END,
      'unique_id', CASE WHEN `is_plain` THEN `plain`.`unique_id` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`unique_id`) = 'STRING' THEN try_cast(`parsed`.`value`.`unique_id` AS STRING) END END,
      'title', CASE WHEN `is_plain` THEN `plain`.`title` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`title`) = 'STRING' THEN try_cast(`parsed`.`value`.`title` AS STRING) END END,
      'description', CASE WHEN `is_plain` THEN `plain`.`description` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`description`) = 'STRING' THEN try_cast(`parsed`.`value`.`description` AS STRING) END END,
      'poster_name', CASE WHEN `is_plain` THEN `plain`.`poster_name` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`poster_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`poster_name` AS STRING) END END,
      'follower_count', CASE WHEN `is_plain` THEN `plain`.`follower_count` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`follower_count`) = 'STRING' THEN try_cast(`parsed`.`value`.`follower_count` AS STRING) END END,
      'tag_list', CASE WHEN `is_plain` THEN `plain`.`tag_list` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`tag_list`) = 'STRING' THEN try_cast(`parsed`.`value`.`tag_list` AS STRING) END END,
      'is_image_or_video', CASE WHEN `is_plain` THEN `plain`.`is_image_or_video` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`is_image_or_video`) = 'STRING' THEN try_cast(`parsed`.`value`.`is_image_or_video` AS STRING) END END,
      'image_src', CASE WHEN `is_plain` THEN `plain`.`image_src` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`image_src`) = 'STRING' THEN try_cast(`parsed`.`value`.`image_src` AS STRING) END END,
      'downloaded', CASE WHEN `is_plain` THEN `plain`.`downloaded` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`downloaded`) = 'BIGINT' AND try_cast(`parsed`.`value`.`downloaded` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`downloaded` AS BIGINT) END END,
      'save_location', CASE WHEN `is_plain` THEN `plain`.`save_location` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`save_location`) = 'STRING' THEN try_cast(`parsed`.`value`.`save_location` AS STRING) END END,
      'category', CASE WHEN `is_plain` THEN `plain`.`category` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`category`) = 'STRING' THEN try_cast(`parsed`.`value`.`category` AS STRING) END END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `is_plain`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`index` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["pin"] = {
    "ind": r"""`index`""",
    "unique_id": r"""CASE WHEN trim(LEADING ' \t\n\r' FROM `unique_id`) <> '' THEN `unique_id` END""",
    "title": r"""
CASE
  WHEN (`title` = 'No Title Data Available') THEN NULL
  ELSE CASE
    WHEN trim(LEADING ' \t\n\r' FROM `title`) <> '' THEN `title`
  END
END
""",
    "description": r"""
CASE
  WHEN startswith(`description`, 'No description available') THEN NULL
  ELSE CASE
    WHEN trim(LEADING ' \t\n\r' FROM `description`) <> '' THEN `description`
  END
END
""",
    "follower_count": r"""
CASE
  WHEN `follower_count` RLIKE '\\A[ \\t\\n\\r]*[0-9]+([.][0-9]+)?[kKmMbB]?[ \\t\\n\\r]*\\z' THEN nullif(least(try_cast(concat(regexp_extract(`follower_count`, '[0-9]+', 0), left(concat(regexp_extract(`follower_count`, '[.]([0-9]+)', 1), '000000000'), CASE lower(regexp_extract(`follower_count`, '[kKmMbB]', 0))
    WHEN 'k' THEN 3
    WHEN 'm' THEN 6
    WHEN 'b' THEN 9
    ELSE 0
  END)) AS BIGINT), 9007199254740992), 9007199254740992)
END
""",
    "poster_name": r"""
CASE
  WHEN (`poster_name` = 'User Info Error') THEN NULL
  ELSE CASE
    WHEN trim(LEADING ' \t\n\r' FROM `poster_name`) <> '' THEN `poster_name`
  END
END
""",
    "tag_list": r"""
CASE
  WHEN (`tag_list` = 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e') THEN NULL
  ELSE CASE
    WHEN trim(LEADING ' \t\n\r' FROM `tag_list`) <> '' THEN `tag_list`
  END
END
""",
    "is_image_or_video": r"""CASE WHEN trim(LEADING ' \t\n\r' FROM `is_image_or_video`) <> '' THEN `is_image_or_video` END""",
    "image_src": r"""
CASE
  WHEN ((`image_src` = 'Image src error.') OR (`image_src` = 'Image src error')) THEN NULL
  ELSE CASE
    WHEN trim(LEADING ' \t\n\r' FROM `image_src`) <> '' THEN `image_src`
  END
END
""",
    "save_location": r"""
CASE
  WHEN trim(LEADING ' \t\n\r' FROM CASE
    WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
    WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
  END) <> '' THEN CASE
    WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
    WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
  END
END
""",
    "category": r"""CASE WHEN trim(LEADING ' \t\n\r' FROM `category`) <> '' THEN `category` END""",
}

KEY["pin"] = ("`index`", "ind")

# COMMAND ----------

COLUMNS["geo"] = "`ind` BIGINT, `country` STRING, `coordinates` ARRAY<DOUBLE>, `timestamp` TIMESTAMP"

DECODE["geo"] = r"""
WITH
`valid_lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`
  FROM `geo_lines`
),
`shaped_lines` AS (
  SELECT
    `file`,
    `text`,
    octet_length(`text`) <= 4000 AND `text` RLIKE '\\A\\{(?:\"(?:(?:ind((?!\\1)))\": ?+(?:0|-?[1-9][0-9]{0,14}+)|(?:timestamp((?!\\2))|country((?!\\3)))\": ?+(?:\"(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*)(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*))*+\"|null)|(?:latitude((?!\\4))|longitude((?!\\5)))\": ?+(?:-?(?:0|[1-9][0-9]{0,4}+)(?:\\.[0-9]{1,10}+)?+|null))(?:, ?+(?=\")|(?=\\}\\z)))++\\1\\}\\z' AS `is_plain`
  FROM `valid_lines`
),
`lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    CASE WHEN NOT `is_plain` THEN trim(BOTH ' \t\n\r' FROM `text`) END AS `object`
  FROM `shaped_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    `read`.`plain`,
    `read`.`parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once, and in one way.
  LATERAL VIEW explode(array(named_struct(
    'plain', CASE WHEN `is_plain` THEN from_json(`text`, '`ind` BIGINT, `timestamp` STRING, `latitude` DOUBLE, `longitude` DOUBLE, `country` STRING') END,
    'parsed', CASE
      WHEN `is_plain` THEN NULL
      WHEN octet_length(`object`) > 16777216 THEN NULL
      WHEN json_array_length(concat('[', `object`, ']')) <=> 1
        AND (
          char_length(`object`) <= 1000
          OR (char_length(`object`) - char_length(translate(`object`, '[{', '')) <= 500 OR aggregate(sequence(1, 500), translate(regexp_replace(regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', ''), '[^\\[\\]{}]', ''), '{}', '[]'), (pairs, level) -> replace(pairs, '[]', '')) = '')
          AND (`object` NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}' OR regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', '') NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}')
        )
      THEN from_json(
        concat('{"value":', `object`, ',"end":"', md5(`object`), '"}'),
        '`value` STRUCT<`ind` VARIANT, `timestamp` VARIANT, `latitude` VARIANT, `longitude` VARIANT, `country` VARIANT>, `end` STRING',
        map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')
      )
    END
  ))) AS `read`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    (`is_plain` OR `parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'ind', CASE WHEN `is_plain` THEN `plain`.`ind` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`ind`) = 'BIGINT' AND try_cast(`parsed`.`value`.`ind` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`ind` AS BIGINT) END END,
      'timestamp', CASE WHEN `is_plain` THEN `plain`.`timestamp` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`timestamp`) = 'STRING' THEN try_cast(`parsed`.`value`.`timestamp` AS STRING) END END,
      'latitude', CASE WHEN `is_plain` THEN `plain`.`latitude` + 0.0D ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`latitude`) RLIKE '^(BIGINT|DECIMAL|DOUBLE)' AND abs(try_cast(`parsed`.`value`.`latitude` AS DOUBLE)) <= 1.7976931348623157E308D THEN try_cast(`parsed`.`value`.`latitude` AS DOUBLE) + 0.0D END END,
      'longitude', CASE WHEN `is_plain` THEN `plain`.`longitude` + 0.0D ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`longitude`) RLIKE '^(BIGINT|DECIMAL|DOUBLE)' AND abs(try_cast(`parsed`.`value`.`longitude` AS DOUBLE)) <= 1.7976931348623157E308D THEN try_cast(`parsed`.`value`.`longitude` AS DOUBLE) + 0.0D END END,
      'country', CASE WHEN `is_plain` THEN `plain`.`country` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`country`) = 'STRING' THEN try_cast(`parsed`.`value`.`country` AS STRING) END END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `is_plain`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`ind` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["geo"] = {
    "ind": r"""`ind`""",
    "country": r"""CASE WHEN trim(LEADING ' \t\n\r' FROM `country`) <> '' THEN `country` END""",
    "coordinates": r"""
CASE
  WHEN (((`latitude` >= (-90D)) AND (`latitude` <= 90D)) AND ((`longitude` >= (-180D)) AND (`longitude` <= 180D))) THEN array_compact(array(`latitude` + 0.0D, `longitude` + 0.0D))
END
""",
    "timestamp": r"""
CASE
  WHEN `timestamp` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`timestamp`, 4) <> '0000' THEN try_cast(`timestamp` AS TIMESTAMP)
END
""",
}

KEY["geo"] = ("`ind`", "ind")

# COMMAND ----------

COLUMNS["user"] = "`ind` BIGINT, `user_name` STRING, `age` BIGINT, `date_joined` TIMESTAMP"

DECODE["user"] = r"""
WITH
`valid_lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`
  FROM `user_lines`
),
`shaped_lines` AS (
  SELECT
    `file`,
    `text`,
    octet_length(`text`) <= 4000 AND `text` RLIKE '\\A\\{(?:\"(?:(?:ind((?!\\1)))\": ?+(?:0|-?[1-9][0-9]{0,14}+)|(?:first_name((?!\\2))|last_name((?!\\3))|date_joined((?!\\4)))\": ?+(?:\"(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*)(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})(?>[^\"\\\\\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f]*))*+\"|null)|(?:age((?!\\5)))\": ?+(?:(?:0|-?[1-9][0-9]{0,14}+)|null))(?:, ?+(?=\")|(?=\\}\\z)))++\\1\\}\\z' AS `is_plain`
  FROM `valid_lines`
),
`lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    CASE WHEN NOT `is_plain` THEN trim(BOTH ' \t\n\r' FROM `text`) END AS `object`
  FROM `shaped_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    `read`.`plain`,
    `read`.`parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once, and in one way.
  LATERAL VIEW explode(array(named_struct(
    'plain', CASE WHEN `is_plain` THEN from_json(`text`, '`ind` BIGINT, `first_name` STRING, `last_name` STRING, `age` BIGINT, `date_joined` STRING') END,
    'parsed', CASE
      WHEN `is_plain` THEN NULL
      WHEN octet_length(`object`) > 16777216 THEN NULL
      WHEN json_array_length(concat('[', `object`, ']')) <=> 1
        AND (
          char_length(`object`) <= 1000
          OR (char_length(`object`) - char_length(translate(`object`, '[{', '')) <= 500 OR aggregate(sequence(1, 500), translate(regexp_replace(regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', ''), '[^\\[\\]{}]', ''), '{}', '[]'), (pairs, level) -> replace(pairs, '[]', '')) = '')
          AND (`object` NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}' OR regexp_replace(regexp_replace(`object`, '(?s)\\\\.', ''), '"[^"]*"', '') NOT RLIKE '(?<![-+.0-9eE])[-+.0-9eE]{1001}')
        )
      THEN from_json(
        concat('{"value":', `object`, ',"end":"', md5(`object`), '"}'),
        '`value` STRUCT<`ind` VARIANT, `first_name` VARIANT, `last_name` VARIANT, `age` VARIANT, `date_joined` VARIANT>, `end` STRING',
        map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')
      )
    END
  ))) AS `read`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    `is_plain`,
    (`is_plain` OR `parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'ind', CASE WHEN `is_plain` THEN `plain`.`ind` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`ind`) = 'BIGINT' AND try_cast(`parsed`.`value`.`ind` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`ind` AS BIGINT) END END,
      'first_name', CASE WHEN `is_plain` THEN `plain`.`first_name` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`first_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`first_name` AS STRING) END END,
      'last_name', CASE WHEN `is_plain` THEN `plain`.`last_name` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`last_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`last_name` AS STRING) END END,
      'age', CASE WHEN `is_plain` THEN `plain`.`age` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`age`) = 'BIGINT' AND try_cast(`parsed`.`value`.`age` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`age` AS BIGINT) END END,
      'date_joined', CASE WHEN `is_plain` THEN `plain`.`date_joined` ELSE CASE WHEN schema_of_variant(`parsed`.`value`.`date_joined`) = 'STRING' THEN try_cast(`parsed`.`value`.`date_joined` AS STRING) END END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `is_plain`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`ind` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["user"] = {
    "ind": r"""`ind`""",
    "user_name": r"""
coalesce(concat(CASE
  WHEN trim(LEADING ' \t\n\r' FROM `first_name`) <> '' THEN `first_name`
END, ' ', CASE
  WHEN trim(LEADING ' \t\n\r' FROM `last_name`) <> '' THEN `last_name`
END), CASE
  WHEN trim(LEADING ' \t\n\r' FROM `first_name`) <> '' THEN `first_name`
END, CASE
  WHEN trim(LEADING ' \t\n\r' FROM `last_name`) <> '' THEN `last_name`
END)
""",
    "age": r"""`age`""",
    "date_joined": r"""
CASE
  WHEN `date_joined` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`date_joined`, 4) <> '0000' THEN try_cast(`date_joined` AS TIMESTAMP)
END
""",
}

KEY["user"] = ("`ind`", "ind")

# COMMAND ----------

from collections import namedtuple

from pyspark.sql import functions as F

from pyspark.errors import AnalysisException

# The conditions of errors that say that there is no table at a path.
ABSENT = {"PATH_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST"}
FOUND = set()


def stored(session, path):
    """The rows of the Delta table at a path, or None where there is none."""
    try:
        rows = session.read.format("delta").load(path)
        # Spark Connect looks at a path when something is asked of it.
        rows.columns
    except AnalysisException as error:
        if error.getCondition() not in ABSENT:
            raise
        return None
    FOUND.add(path)
    return rows


def exists(session, path):
    """Whether there is a table at a path. One that was found is not looked for again: a run removes none."""
    return path in FOUND or stored(session, path) is not None


def quoted(text):
    """Text as a literal of Spark SQL."""
    escaped = "".join(f"\\u{ord(c):04x}" if c in "\\'\"$" else c for c in text)
    return f"'{escaped}'"


# Beyond so many keys that came again, whole rows are compared.
KEYS_COMPARED = 10_000


def write(rows, path, mode="append", **options):
    """Writes rows in one commit, and makes the table when it is missing.

    Without deletion vectors, which runtimes of Databricks turn on by default and other readers may not know.
    """
    writer = rows.write.format("delta").mode(mode).options(**options)
    writer.option("delta.enableDeletionVectors", "false").save(path)


def create(session, path, columns, properties={}):
    """Makes an empty Delta table at a path where there was none, unless another run has made it meanwhile."""
    wanted = {"delta.enableDeletionVectors": "false"} | properties
    listed = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
    session.sql(f"CREATE TABLE IF NOT EXISTS delta.`{path}` ({columns}) USING DELTA TBLPROPERTIES ({listed})")


def create_if_missing(session, path, columns, properties={}):
    """Makes an empty Delta table at a path, unless there is one."""
    if not exists(session, path):
        create(session, path, columns, properties)


def missing_in(kept, rows, columns):
    """The rows that differ from all that are kept in one of the columns, nulls being equal."""
    kept = kept.select(*[F.col(column).alias(f"kept_{at}") for at, column in enumerate(columns)])
    same = [F.col(column).eqNullSafe(F.col(f"kept_{at}")) for at, column in enumerate(columns)]
    return rows.join(kept, same, "left_anti")


def add_rows(rows, kept, path, columns, **options):
    """Adds the rows that a table does not hold yet, by some of their columns: done twice, it is as if done once.

    `kept` is what it holds, or None where there is no table. The rows must differ in these columns, for they are not compared with
    each other.
    """
    write(rows if kept is None else missing_in(kept, rows, columns), path, **options)


Counted = namedtuple("Counted", "bad, least, greatest, made_null")


def cleaned(dataset, decoded, given={}):
    """The row of silver that each decoded line is, if it is an event: others are without a key. Beside it, which columns were given."""
    raw = decoded.selectExpr("CASE WHEN reason IS NULL THEN raw END AS raw").select("raw.*")
    beside = {f"{column} given": condition for column, condition in given.items()}
    return raw.selectExpr(*[f"{sql} AS `{name}`" for name, sql in (CLEAN[dataset] | beside).items()])


def counts_of(key, given):
    """The aggregates over cleaned lines that `Counted` is made of."""
    made_null = [f"count_if(`{column} given` AND `{column}` IS NULL)" for column in given]
    return [f"count(*) - count(`{key}`)", f"min(`{key}`)", f"max(`{key}`)", *made_null]


def count_lines(lines, key, given=()):
    """What one look at cleaned lines tells: how many are no events, the least and greatest key, how often a given column was made null."""
    bad, least, greatest, *made_null = lines.selectExpr(*counts_of(key, given)).first()
    return Counted(bad, least, greatest, made_null)


def events_of(dataset, lines):
    """The rows that cleaned lines bring to silver, each once."""
    return lines.where(f"`{KEY[dataset][1]}` IS NOT NULL").select(*CLEAN[dataset]).distinct()


def add_by_key(session, dataset, lines, counted, path):
    """Adds the rows of cleaned lines that the table at a path does not hold yet, at the cost of these: as `add_rows`, by all columns.

    A row can be in the table only under its own key. So the table's keys are read, of files whose statistics say that
    they may hold these; its other columns only for keys that came again.
    """
    if counted.least is None:
        return
    kept, key, rows = stored(session, path), KEY[dataset][1], events_of(dataset, lines)
    near = kept.where(F.col(key).between(counted.least, counted.greatest))
    # Lines are not decoded again where no row is near: so it is with keys that ascend.
    found = [] if near.isEmpty() else near.select(key).join(lines.select(key), key, "left_semi").distinct().limit(KEYS_COMPARED + 1).collect()
    if len(found) > KEYS_COMPARED:
        write(missing_in(near, rows, rows.columns), path)
        return
    came_again = F.expr(f"`{key}` IN ({', '.join(str(row[0]) for row in found)})" if found else "false")
    if found:
        rows = missing_in(near.where(came_again), rows, rows.columns)
    add_unseen(rows, near.where(~came_again), key, path)


def add_unseen(rows, others, key, path):
    """Adds rows, and fails when the table holds one of their keys by the time of the transaction: then another run wrote it."""
    others = others.select(F.col(key).alias("other"))
    message = f"Another run has written to {path} meanwhile. Nothing is lost and nothing is doubled: run this again."
    unseen = F.assert_true(F.col("other").isNull(), F.lit(message)).isNull()
    write(rows.join(others, F.col(key) == F.col("other"), "left").where(unseen).select(*rows.columns), path)

# COMMAND ----------

import json
from collections import namedtuple

ERASURES = f"{lake}/erasures"
ERASURES_COLUMNS = "ind BIGINT, erased_at TIMESTAMP, reason STRING, returns BOOLEAN"
# Keys that were erased at once: when, in microseconds since 1970, and whether what is posted later counts again.
Erased = namedtuple("Erased", "at, returns, keys")
# The property of a table that changes before it is freed of what was erased: Delta refuses every transaction that began before.
ERASED_UP_TO = "pinterest.erasedUpTo"
# The beginning of a text that stands for bytes, in the quarantine of the stream.
BYTES = "data:application/octet-stream;base64,"


def read_erasures(session):
    """The keys of a lake that were erased, by their last erasure, the earliest first. Without the table, they cost a look for it."""
    table = stored(session, ERASURES)
    if table is None:
        return []
    last = table.groupBy("ind").agg(F.expr("max(struct(unix_micros(erased_at) AS at, coalesce(returns, false) AS returns)) AS last"))
    return [Erased(*row) for row in last.groupBy("last.at", "last.returns").agg(F.collect_list("ind")).sort("at", "returns").collect()]


def up_to(erased):
    """The time of the last erasure in milliseconds, rounded up; -1 when there is none."""
    return max((-(-of.at // 1000) for of in erased), default=-1)


def is_free(erased):
    """The options of a commit after which a table has no row that was erased: a `txn`, which Delta lets a table have once."""
    return {"txnAppId": "erasures", "txnVersion": str(up_to(erased))} if erased else {}


def freeing(erased):
    """The text of a commit that only takes out what was erased, by which who follows the table knows it."""
    return {"userMetadata": json.dumps({"erased": up_to(erased)})}


def unless_erased_since(session, rows, erased):
    """Rows that cannot be written once more was erased than is known here: whatever transaction writes them reads the erasures."""
    if not erased:
        return rows
    stored(session, ERASURES).createOrReplaceTempView("erasures_now")
    known = max(of.at for of in erased)
    message = "Posts were erased meanwhile. Nothing is lost and nothing is doubled: run this again."
    newest = "(SELECT max(unix_micros(erased_at)) FROM erasures_now)"
    return rows.where(f"assert_true({newest} <= {known}L, {quoted(message)}) IS NULL")


def is_one_of(key, keys):
    """The condition that a key is one of some."""
    return f"{key} IN ({', '.join(f'{one}L' for one in keys)})"


def is_erased(erased, key, posted):
    """The condition that what was posted with a key at a time, in microseconds since 1970, does not count."""
    return " OR ".join(is_one_of(key, of.keys) + (f" AND {posted} <= {of.at}L" if of.returns else "") for of in erased)


def names_key(text, field, condition):
    """The condition that a line that is no event names such a key, which pipeline/erasures/keys_of_line.ts reads likewise."""
    name = field.strip("`")
    blanks = r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
    pattern = rf'"{name}\\*"{blanks}:{blanks}\\*"?{blanks}(-?[0-9][0-9.eE+-]*)'
    packed = f"CAST(try_to_binary(substring({text}, {len(BYTES) + 1}), 'base64') AS STRING)"
    plain = f"CASE WHEN startswith({text}, '{BYTES}') THEN make_valid_utf8({packed}) ELSE {text} END"
    numbers = f"regexp_extract_all({plain}, {quoted(pattern)}, 1)"
    return f"exists(transform({numbers}, number -> try_cast(number AS DOUBLE)), named -> {condition('named')})"


def is_erased_line(erased, key, posted):
    """The condition that a decoded line, event or not, is of a post that was erased."""
    field, _ = key
    of_event = is_erased(erased, f"raw.{field}", posted)
    of_other = names_key("text", field, lambda named: is_erased(erased, named, posted))
    return f"coalesce(CASE WHEN reason IS NULL THEN {of_event} ELSE {of_other} END, false)"


def take_out(session, path, condition, erased, **told):
    """Takes rows out of a table by writing the others again: then no file of the table has them, nor has its feed of changes.

    Without such rows, the commit adds none; with nothing to be told, there is none.
    """
    rows = stored(session, path)
    if not rows.where(condition).isEmpty():
        write(rows.where(f"NOT coalesce({condition}, false)"), path, "overwrite", **freeing(erased), **told)
    elif told:
        write(rows.limit(0), path, **freeing(erased), **told)


def refuse_earlier(session, path, erased):
    """Lets Delta refuse what others write who do not know of the erasures. Beside a commit that adds no rows, an append would pass."""
    properties = session.sql(f"DESCRIBE DETAIL delta.`{path}`").first().properties
    if int(properties.get(ERASED_UP_TO, -1)) < up_to(erased):
        session.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{ERASED_UP_TO}' = '{up_to(erased)}')")


def take_out_erased(session, path, erased, done, condition):
    """Takes out of a table what was erased after a time, in milliseconds, up to which this is known to be done.

    Keys that may return are taken out once, by the `txn` of that commit: their rows may have returned since.
    """
    newer = [of for of in erased if of.at > done * 1000]
    if newer:
        refuse_earlier(session, path, erased)
    for of in newer:
        if of.returns:
            take_out(session, path, condition(of.keys), [of], **is_free([of]))
    gone = [key for of in newer if not of.returns for key in of.keys]
    if gone:
        take_out(session, path, condition(gone), erased)
        take_out(session, path, "false", erased, **is_free(erased))


def has_key(key):
    """The condition that a row of silver has one of some keys."""
    return lambda keys: is_one_of(f"`{key[1]}`", keys)


def text_has_key(key):
    """The condition that a line in quarantine names one of some keys."""
    return lambda keys: names_key("text", key[0], lambda named: is_one_of(named, keys))


def take_out_newer(session, tables, erased):
    """Takes out what was erased meanwhile: its rows may have come beside, and none of them was posted after that.

    Tables are paths with the condition that a row has one of some keys. Tells whether anything was erased.
    """
    known = max((of.at for of in erased), default=-1)
    newer = [of for of in read_erasures(session) if of.at > known]
    keys = [key for of in newer for key in of.keys]
    if keys:
        for path, condition in tables:
            take_out(session, path, condition(keys), newer)
    return len(keys) > 0

# COMMAND ----------

BRONZE_COLUMNS = "file STRING, size BIGINT, modified BIGINT, start BIGINT, line STRING, bytes STRING"
# A file as it was when it was read.
FORM = ["file", "size", "modified"]


def bronze_of(dataset):
    return f"{lake}/bronze/{dataset}"


def forms_of(files):
    """Files as a table."""
    return frame_of([(file.file, file.size, file.modified) for file in files], "file STRING, size BIGINT, modified BIGINT")


def held_of(kept, files):
    """The files that a copy holds and that may be some of these: each has a row of its own, without a place."""
    times = [file.modified for file in files]
    return kept.where(F.col("start").isNull() & F.col("modified").between(min(times), max(times))).select(FORM)


def copy_lines(dataset, of, begins):
    """Copies the lines of files that a dataset's copy does not hold: of those read now; where it begins, of all that are present.

    All rows of a file come in one commit, which reads the same table: of two runs at once, one fails.
    """
    path = bronze_of(dataset)
    kept = stored(spark, path) if of.new or begins else None
    if kept is None and not begins:
        return
    files = listed(dataset) if kept is None else of.new
    if kept is not None and files:
        held = {tuple(row) for row in forms_of(files).join(held_of(kept, files), FORM, "left_semi").collect()}
        files = [file for file in files if (file.file, file.size, file.modified) not in held]
    if not files:
        create_if_missing(spark, path, BRONZE_COLUMNS)
        return
    rows = bronze_rows(files)
    write(rows if kept is None else missing_in(held_of(kept, files), rows, FORM), path)


def bronze_rows(files):
    """A row of each file, and one of each line, with the byte at which it begins in the file, behind a mark at the file's start."""
    forms = forms_of(files)
    texts = placed_lines_of([file.location for file in files]).selectExpr(
        "file",
        """coalesce(sum(octet_length(text) + 1L) OVER (
          PARTITION BY file ORDER BY block, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0L) AS start""",
        "CASE WHEN is_valid_utf8(text) THEN text END AS line",
        "CASE WHEN NOT is_valid_utf8(text) THEN base64(CAST(text AS BINARY)) END AS bytes",
    )
    lines = texts.join(F.broadcast(forms), "file").select(*FORM, "start", "line", "bytes")
    own = forms.selectExpr(*FORM, "CAST(NULL AS BIGINT) AS start", "CAST(NULL AS STRING) AS line", "CAST(NULL AS STRING) AS bytes")
    return lines.unionByName(own)


def lines_in_bronze(dataset, files):
    """The lines of files that are gone: file, text."""
    kept = stored(spark, bronze_of(dataset)).where("start IS NOT NULL")
    lines = kept.join(F.broadcast(forms_of(files)), FORM, "left_semi")
    return lines.selectExpr("file", "coalesce(line, CAST(unbase64(bytes) AS STRING)) AS text")


def lost_from_bronze(dataset, files):
    """Those of some files that a dataset's copy does not hold."""
    kept = stored(spark, bronze_of(dataset))
    return files if kept is None else forms_of(files).join(held_of(kept, files), FORM, "left_anti").collect()


def take_out_of_bronze(dataset, erased):
    """Takes the lines of erased posts out of a dataset's copy. Files come later with such lines, so all of it is searched."""
    kept = stored(spark, bronze_of(dataset))
    if kept is None:
        return
    placed = kept.where("start IS NOT NULL")
    # The origin of a line is handed on as it is.
    placed = placed.selectExpr(f"struct({', '.join(FORM)}, start) AS file", "coalesce(line, CAST(unbase64(bytes) AS STRING)) AS text")
    placed.createOrReplaceTempView(f"{dataset}_lines")
    decoded = spark.sql(DECODE[dataset]).where(is_erased_line(erased, KEY[dataset], "file.modified * 1000"))
    found = decoded.select("file.*")
    if not found.isEmpty():
        write(kept.join(found, [*FORM, "start"], "left_anti").select(*kept.columns), bronze_of(dataset), "overwrite")

# COMMAND ----------

import re

import pyarrow

ARROW_TYPES = {"STRING": pyarrow.string(), "BIGINT": pyarrow.int64()}


def frame_of(rows, columns):
    """A data frame of rows with the columns that a text like `a STRING, b BIGINT` says.

    As Arrow: Spark would start processes of Python for a list, in each query that uses it. Spark Connect takes no Arrow without rows.
    """
    if not rows:
        return spark.createDataFrame([], columns)
    schema = pyarrow.schema([(name, ARROW_TYPES[kind]) for name, kind in map(str.split, columns.split(", "))])
    return spark.createDataFrame(pyarrow.Table.from_pylist([dict(zip(schema.names, row)) for row in rows], schema))


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

# COMMAND ----------

import gzip
import hashlib
from concurrent.futures import ThreadPoolExecutor

# A landing file of the sink, and the empty one that keeps where a partition's last landing file ended.
LANDING_FILE = re.compile(r"topics/([A-Za-z0-9._-]{1,249})/partition=([0-9]+)/\1\+\2\+([0-9]{10,19})\.json")
NEXT_OFFSET = re.compile(r"\.next\+([0-9]{10,19})")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Files that are written at once; each is in memory whole.
FILES_AT_ONCE = 8


def files_with_erased(dataset):
    """The landing files of a dataset with lines of erased posts: how many lines each has, how many go, and the digests of these."""
    files = listed(dataset)
    if not erased or not files:
        return []
    lines = placed_lines_of([file.location for file in files]).join(F.broadcast(forms_of(files)), "file")
    # The origin of a line is handed on as it is.
    lines.selectExpr(f"struct({', '.join(FORM)}, text AS line) AS file", "text").createOrReplaceTempView(f"{dataset}_lines")
    condition = is_erased_line(erased, KEY[dataset], "file.modified * 1000")
    marked = spark.sql(DECODE[dataset]).selectExpr("file.*", f"{condition} AS goes")
    counts = ["count(*) AS lines", "count_if(goes) AS gone"]
    digests = "collect_set(CASE WHEN goes THEN sha2(CAST(line AS BINARY), 256) END) AS digests"
    return marked.groupBy(FORM).agg(*map(F.expr, [*counts, digests])).where("gone > 0").withColumn("dataset", F.lit(dataset)).collect()


def without_lines(content, digests):
    """The bytes of a file without the lines of some digests. All others stay as they are, as does a mark at its start."""
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    lines = re.findall(rb"[^\n]*\n|[^\n]+", content[start:])
    return content[:start] + b"".join(line for line in lines if hashlib.sha256(line.removesuffix(b"\n")).hexdigest() not in digests)


def take_out_of_file(file):
    """Takes the lines out of a file, or removes it where it has no other."""
    held = landing_bytes.read(file.file)
    # A line counts or not by the time of its file.
    if held is None or (len(held.content), held.modified) != (file.size, file.modified // 1000):
        raise ChangedMeanwhile(file.file)
    if file.gone == file.lines:
        landing_bytes.remove(file.file)
        return
    packed = file.file.endswith(".gz")
    left = without_lines(gzip.decompress(held.content) if packed else held.content, set(file.digests))
    landing_bytes.put(file.file, gzip.compress(left) if packed else left, held)


def keep_next_offset(folder):
    """Keeps where a partition's last landing file ends, which the sink tells by its lines, in an empty file of a hidden name."""
    names = landing_bytes.names(folder)
    kept = {name: int(match[1]) for name in names if (match := NEXT_OFFSET.fullmatch(name))}
    firsts = {int(match[3]): name for name in names if (match := LANDING_FILE.fullmatch(f"{folder}/{name}"))}
    last = max(firsts)
    held = landing_bytes.read(f"{folder}/{firsts[last]}")
    following = max([last + held.content.count(b"\n"), *kept.values()])
    name = f".next+{following:010}"
    if name not in kept:
        landing_bytes.put(f"{folder}/{name}", b"")
        for other in kept:
            landing_bytes.remove(f"{folder}/{other}")


def change_record(files, now):
    """Lets the record of files read hold some files as they are now, and those no more that are not among these."""
    if not files:
        return
    recorded = recorded_files()
    before = F.broadcast(forms_of(files))
    were = recorded.join(before, FORM, "left_semi")
    if not were.isEmpty():
        others = recorded.join(before, FORM, "left_anti").select(recorded.columns)
        are = were.drop("size", "modified").join(F.broadcast(forms_of(now)), "file").select(recorded.columns)
        write(others.unionByName(are), FILES_READ, "overwrite")


def take_out_of_landing():
    """Takes the lines of erased posts out of landing files. Gives the files that had some, as they were.

    Killed at any step and run again, it comes to the same: a file that goes leaves the record before, for a changed rule refuses to
    read on without a recorded file. One that is written again enters it afterwards, and is at worst read once more.
    """
    list_files()
    found = [file for dataset in KEY for file in files_with_erased(dataset)]
    for folder in sorted({os.path.dirname(file.file) for file in found if LANDING_FILE.fullmatch(file.file)}):
        keep_next_offset(folder)
    change_record([file for file in found if file.gone == file.lines], [])
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        list(pool.map(take_out_of_file, found))
    rewritten = [file for file in found if file.gone < file.lines]
    if rewritten:
        list_files()
        # The raw copy names files by size and time: the next batch reads them once more, and copies them as they are now.
        copied = {dataset for dataset in KEY if exists(spark, bronze_of(dataset))}
        paths = {file.file for file in rewritten if file.dataset not in copied}
        change_record(rewritten, [file for dataset in KEY for file in listed(dataset) if file.file in paths])
    return found

# COMMAND ----------


def append_erasures():
    """Commits the keys with one time, after that of every earlier erasure, whatever the clock says."""
    create_if_missing(spark, ERASURES, ERASURES_COLUMNS)
    stored(spark, ERASURES).createOrReplaceTempView("erased_before")
    frame_of([(key,) for key in keys], "ind BIGINT").createOrReplaceTempView("erased_now")
    rows = spark.sql(f"""
SELECT
  ind,
  timestamp_millis(greatest(
    unix_millis(current_timestamp()),
    coalesce((SELECT CAST(ceil(max(unix_micros(erased_at)) / 1000) AS BIGINT) + 1 FROM erased_before), 0)
  )) AS erased_at,
  {quoted(reason) if reason else 'CAST(NULL AS STRING)'} AS reason,
  {str(returns).lower()} AS returns
FROM erased_now""")
    write(rows, ERASURES)


def rows_in(path):
    table = stored(spark, path)
    return None if table is None else table.count()


# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

if keys:
    append_erasures()
erased = read_erasures(spark)
print(f"{len(keys)} posts erased now, {sum(len(of.keys) for of in erased)} in all")
for dataset, key in KEY.items():
    conditions = {"silver": has_key(key), "quarantine": text_has_key(key)}
    tables = [(f"{way}{layer}/{dataset}", condition) for way in ("", "stream/") for layer, condition in conditions.items()]
    for table, condition in [*tables, (f"bronze/{dataset}", None)]:
        path = f"{lake}/{table}"
        before = rows_in(path)
        if before is None:
            continue
        if condition is None:
            take_out_of_bronze(dataset, erased)
        else:
            take_out_erased(spark, path, erased, -1, condition)
        print(f"{table}: {before - rows_in(path)} rows taken out")

found = take_out_of_landing()
removed = sum(file.gone == file.lines for file in found)
print(f"landing files: {sum(file.gone for file in found)} lines taken out of {len(found)}, of which {removed} are removed")

print("""Copies are left in:
- answers and states, until pinterest_batch_data and pinterest_live_views have run, which the job does next
- older versions of tables, until pinterest_maintenance removes them, 168 hours after a row was taken out
- the streams, until their retention ends; what is read of them again is dropped
- older versions of the bucket's objects, until its lifecycle rule removes them, or its lock ends""")
