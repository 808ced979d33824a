# Databricks notebook source
# MAGIC %md
# MAGIC # Landing files to silver, quarantine and gold
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC - Reads the landing files that it has not read yet, by path, size and time of change, as `files_read` tells. Their names end
# MAGIC   in `.json`, `.jsonl` or `.ndjson`, perhaps followed by `.gz`; other files are named in the output.
# MAGIC - `silver/<dataset>`: cleaned rows, each once. `quarantine/<dataset>`: lines that are no events, with file and reason.
# MAGIC - `gold/<query>`: the answers, each overwritten in one commit, where the silver below it or its statement is
# MAGIC   another. A run that finds nothing new commits nothing.
# MAGIC - `last_batch`: when the last run ended, a file of JSON. An alarm of the stack tells when none has for a day.
# MAGIC - `states`: what those answers need of all rows that can be kept up to date by new rows alone, in one commit. A lost one is made
# MAGIC   again.
# MAGIC - `bronze/<dataset>`: the lines as they came, where they are kept. They are read in place of files that are gone, when a rule has
# MAGIC   changed. Begun by the widget, kept on by every run.
# MAGIC - `files_read` is committed last. Everything before can be done again without harm, so a run that was killed is simply
# MAGIC   run again. After a change to a rule, all files are read again.
# MAGIC - `erasures`: keys of posts that were erased, where there is such a table. Their rows and lines leave the tables first, and
# MAGIC   come in no more.
# MAGIC - `npm run batch --lake` keeps the same tables: a lake may be written by either, in turn.

# COMMAND ----------

dbutils.widgets.text("landing", "dbfs:/mnt/pinterest/lake", "Folder that holds topics/")
dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("tables", "", "Schema of the answers' tables, after its catalog, if any")
dbutils.widgets.dropdown("bronze", "as before", ["as before", "begin"], "A raw copy of landing files")

# COMMAND ----------

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


landing, lake = required("landing"), required("lake")
begins_bronze = dbutils.widgets.get("bronze") == "begin"
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

# By cleaned column, whether a line has a value in a raw field of this column.
GIVEN = {}

# COMMAND ----------

GIVEN["pin"] = {
    "unique_id": r"""`unique_id` IS NOT NULL""",
    "title": r"""`title` IS NOT NULL""",
    "description": r"""`description` IS NOT NULL""",
    "follower_count": r"""`follower_count` IS NOT NULL""",
    "poster_name": r"""`poster_name` IS NOT NULL""",
    "tag_list": r"""`tag_list` IS NOT NULL""",
    "is_image_or_video": r"""`is_image_or_video` IS NOT NULL""",
    "image_src": r"""`image_src` IS NOT NULL""",
    "save_location": r"""`save_location` IS NOT NULL""",
    "category": r"""`category` IS NOT NULL""",
}

# COMMAND ----------

GIVEN["geo"] = {
    "country": r"""`country` IS NOT NULL""",
    "coordinates": r"""`latitude` IS NOT NULL OR `longitude` IS NOT NULL""",
    "timestamp": r"""`timestamp` IS NOT NULL""",
}

# COMMAND ----------

GIVEN["user"] = {
    "user_name": r"""`first_name` IS NOT NULL OR `last_name` IS NOT NULL""",
    "date_joined": r"""`date_joined` IS NOT NULL""",
}

# COMMAND ----------

# The present rules, which change when what a line means changes: then files that were read have to be read again. Behind them,
# the same rules in other words.
RULES = {
    "pin": ["edacba16f3fab48141488fa88423b846949beb0d5185996056ac155184710ef0"],
    "geo": ["87cb453e4752700ff596feb1ce06acf9d1f2135772ca5a3f9e74c1f465d2a7d1", "fbda904f296b92d85f0765fa2ecc5a68f47ea97ae36dc8395cb7414fd9ada3f7"],
    "user": ["a468e2d463e002fe753895a4b48c87c40dac64d049e78fc6a50828c27e4175c9", "61329e454141de9bd13f6df57a5f4696b1a7f87828ce077de74f947d577a0ee7"],
}

# COMMAND ----------

# The datasets that an answer is made of.
SOURCES = {
    "most_popular_category_by_country": ["pin", "geo"],
    "most_popular_category_by_year": ["pin", "geo"],
    "top_user_by_country": ["pin", "geo"],
    "country_with_top_user": ["pin", "geo"],
    "most_popular_category_by_age_group": ["pin", "user"],
    "median_followers_by_age_group": ["pin", "user"],
    "users_joined_by_year": ["user"],
    "median_followers_by_join_year": ["pin", "user"],
    "median_followers_by_join_year_and_age_group": ["pin", "user"],
}
GOLD = {}

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each country?

# COMMAND ----------

GOLD["most_popular_category_by_country"] = r"""
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states of answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_country_and_category 9933ea5404962476'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_country_and_category 9933ea5404962476'
      END
    )
    GROUP BY `country`, `category`
  ) AS `counted_by_country_and_category`
)
SELECT
  `country`,
  `category`,
  `category_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `country` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category was posted most in each year from 2018 to 2022?

# COMMAND ----------

GOLD["most_popular_category_by_year"] = r"""
WITH
`ranked_in_each_post_year` AS (
  SELECT
    `post_year`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `post_year`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `post_year`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        CAST(cells[0] AS INT) AS `post_year`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states of answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_post_year_and_category c384e5c038fee9f6'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_post_year_and_category c384e5c038fee9f6'
      END
    )
    GROUP BY `post_year`, `category`
  ) AS `counted_by_post_year_and_category`
)
SELECT
  `post_year`,
  `category`,
  `category_count`
FROM `ranked_in_each_post_year`
WHERE `place` = 1
ORDER BY
  `post_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Who has the most followers in each country?

# COMMAND ----------

GOLD["top_user_by_country"] = r"""
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `poster_name`, max(`follower_count`) AS `follower_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `poster_name`,
        CAST(cells[2] AS BIGINT) AS `follower_count`,
        rows AS `rows`
      FROM `states of answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'follower_count_by_country_and_poster_name 13659751b467b656'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'follower_count_by_country_and_poster_name 13659751b467b656'
      END
    )
    GROUP BY `country`, `poster_name`
  ) AS `follower_count_by_country_and_poster_name`
)
SELECT
  `country`,
  `poster_name`,
  `follower_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `country` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## In which country is the user with the most followers?

# COMMAND ----------

GOLD["country_with_top_user"] = r"""
WITH
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM (
    SELECT `country`, `poster_name`, max(`follower_count`) AS `follower_count`
    FROM (
      SELECT
        cells[0] AS `country`,
        cells[1] AS `poster_name`,
        CAST(cells[2] AS BIGINT) AS `follower_count`,
        rows AS `rows`
      FROM `states of answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'follower_count_by_country_and_poster_name 13659751b467b656'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'follower_count_by_country_and_poster_name 13659751b467b656'
      END
    )
    GROUP BY `country`, `poster_name`
  ) AS `follower_count_by_country_and_poster_name`
)
SELECT
  `country`,
  `poster_name`,
  `follower_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `follower_count` DESC,
  `country` ASC,
  `poster_name` ASC
LIMIT 1
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each age group?

# COMMAND ----------

GOLD["most_popular_category_by_age_group"] = r"""
WITH
`ranked_in_each_age_group` AS (
  SELECT
    `age_group`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `age_group`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM (
    SELECT `age_group`, `category`, sum(`rows`) AS `category_count`
    FROM (
      SELECT
        cells[0] AS `age_group`,
        cells[1] AS `category`,
        rows AS `rows`
      FROM `states of answers`
      WHERE CASE
        WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'counted_by_age_group_and_category 57219e688e55631e'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
        ELSE state = 'counted_by_age_group_and_category 57219e688e55631e'
      END
    )
    GROUP BY `age_group`, `category`
  ) AS `counted_by_age_group_and_category`
)
SELECT
  `age_group`,
  `category`,
  `category_count`
FROM `ranked_in_each_age_group`
WHERE `place` = 1
ORDER BY
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count in each age group?

# COMMAND ----------

GOLD["median_followers_by_age_group"] = r"""
SELECT
  `age_group`,
  `median_follower_count`
FROM (
  SELECT `age_group`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      cells[0] AS `age_group`,
      CAST(cells[1] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states of answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_age_group ffbed8cf38f07360'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_age_group ffbed8cf38f07360'
    END
  )
  GROUP BY `age_group`
) AS `median_follower_count_by_age_group`
ORDER BY
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## How many users joined in each year from 2015 to 2020?

# COMMAND ----------

GOLD["users_joined_by_year"] = r"""
SELECT
  `join_year`,
  `number_users_joined`
FROM (
  SELECT `join_year`, count(DISTINCT `user_name`, `date_joined`) AS `number_users_joined`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      cells[1] AS `user_name`,
      timestamp_micros(CAST(cells[2] AS BIGINT)) AS `date_joined`,
      rows AS `rows`
    FROM `states of answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'number_users_joined_by_join_year 28add1bf6cdb2cb4'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'number_users_joined_by_join_year 28add1bf6cdb2cb4'
    END
  )
  GROUP BY `join_year`
) AS `number_users_joined_by_join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count of users by the year in which they joined, 2015 to 2020?

# COMMAND ----------

GOLD["median_followers_by_join_year"] = r"""
SELECT
  `join_year`,
  `median_follower_count`
FROM (
  SELECT `join_year`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      CAST(cells[1] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states of answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_join_year e9bb7d982b043da4'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_join_year e9bb7d982b043da4'
    END
  )
  GROUP BY `join_year`
) AS `median_follower_count_by_join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count by joining year, 2015 to 2020, and age group?

# COMMAND ----------

GOLD["median_followers_by_join_year_and_age_group"] = r"""
SELECT
  `join_year`,
  `age_group`,
  `median_follower_count`
FROM (
  SELECT `join_year`, `age_group`, percentile(`follower_count`, 0.5, `rows`) AS `median_follower_count`
  FROM (
    SELECT
      CAST(cells[0] AS INT) AS `join_year`,
      cells[1] AS `age_group`,
      CAST(cells[2] AS BIGINT) AS `follower_count`,
      rows AS `rows`
    FROM `states of answers`
    WHERE CASE
      WHEN state = 'seen' THEN assert_true(array_contains(from_json(cells[0], 'states ARRAY<STRING>').states, 'median_follower_count_by_join_year_and_age_group 040b13a189c66b5d'), 'The states are those of other questions: run this notebook again, and start the stream again.') IS NOT NULL
      ELSE state = 'median_follower_count_by_join_year_and_age_group 040b13a189c66b5d'
    END
  )
  GROUP BY `join_year`, `age_group`
) AS `median_follower_count_by_join_year_and_age_group`
ORDER BY
  `join_year` ASC,
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the answers are made of
# MAGIC A state holds what an answer needs of all rows: a tuple of each, or none. `whole` are all rows, `added` those that the new rows of
# MAGIC one dataset bring, with the rows of the same keys. Of a state with a `place`, only the first tuples are kept.

# COMMAND ----------

ROWS, STATES = {}, {}

# COMMAND ----------

ROWS["pin_with_geo"] = {
    "whole": r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin`
INNER JOIN `geo`
  USING (`ind`)
""",
    "added": [
        ("pin", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin added`
INNER JOIN `geo before`
  USING (`ind`)
"""),
        ("geo", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `country`,
  `coordinates`,
  `timestamp`
FROM `pin near`
INNER JOIN `geo added`
  USING (`ind`)
"""),
    ],
}

# COMMAND ----------

ROWS["pin_with_user"] = {
    "whole": r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin`
INNER JOIN `user`
  USING (`ind`)
""",
    "added": [
        ("pin", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin added`
INNER JOIN `user before`
  USING (`ind`)
"""),
        ("user", r"""
SELECT
  `ind`,
  `unique_id`,
  `title`,
  `description`,
  `follower_count`,
  `poster_name`,
  `tag_list`,
  `is_image_or_video`,
  `image_src`,
  `save_location`,
  `category`,
  `user_name`,
  `age`,
  `date_joined`
FROM `pin near`
INNER JOIN `user added`
  USING (`ind`)
"""),
    ],
}

# COMMAND ----------

ROWS["user"] = {
    "whole": r"""
SELECT
  `ind`,
  `user_name`,
  `age`,
  `date_joined`
FROM `user`
""",
    "added": [
        ("user", r"""
SELECT
  `ind`,
  `user_name`,
  `age`,
  `date_joined`
FROM `user added`
"""),
    ],
}

# COMMAND ----------

STATES["counted_by_country_and_category 9933ea5404962476"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (`country` IS NOT NULL)
    AND (`category` IS NOT NULL)
  THEN array(
    `country`,
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["counted_by_post_year_and_category c384e5c038fee9f6"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (year(`timestamp`) >= 2018)
    AND (year(`timestamp`) <= 2022)
    AND (`category` IS NOT NULL)
  THEN array(
    CAST(year(`timestamp`) AS STRING),
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["follower_count_by_country_and_poster_name 13659751b467b656"] = {
    "rows": "pin_with_geo",
    "tuple": r"""
CASE
  WHEN (`country` IS NOT NULL)
    AND (`poster_name` IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    `country`,
    `poster_name`,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": "row_number() OVER (PARTITION BY cells[0] ORDER BY CAST(cells[2] AS BIGINT) DESC, cells[1] ASC)",
}

# COMMAND ----------

STATES["counted_by_age_group_and_category 57219e688e55631e"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`category` IS NOT NULL)
  THEN array(
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    `category`
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_age_group ffbed8cf38f07360"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["number_users_joined_by_join_year 28add1bf6cdb2cb4"] = {
    "rows": "user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (`user_name` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    `user_name`,
    CAST(unix_micros(`date_joined`) AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_join_year e9bb7d982b043da4"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

STATES["median_follower_count_by_join_year_and_age_group 040b13a189c66b5d"] = {
    "rows": "pin_with_user",
    "tuple": r"""
CASE
  WHEN (year(`date_joined`) >= 2015)
    AND (year(`date_joined`) <= 2020)
    AND (CASE
  WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
  WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
  WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
  WHEN (`age` >= 51L) THEN '50+'
END IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  THEN array(
    CAST(year(`date_joined`) AS STRING),
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END,
    CAST(`follower_count` AS STRING)
  )
END
""",
    "place": None,
}

# COMMAND ----------

# MAGIC %md
# MAGIC ## Files that have not been read yet

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

# The files of a dataset: how many landing files there are, names of others, those to be read, those of them that are gone and whose
# lines are in bronze, the reason why all are, if they are, whether the rules have to be announced, and whether lines of the record have to make room.
Files = namedtuple("Files", "present, others, new, gone, anew, announce, replace")


def lines_of(dataset, of):
    """The lines to read: file, text. Those of files that are gone are in bronze."""
    parts = [placed_lines_of([file.location for file in of.new]).select("file", "text")] if of.new else []
    parts += [lines_in_bronze(dataset, of.gone)] if of.gone else []
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def gone_files(dataset):
    """The files of a dataset that were read and exist no more."""
    recorded = spark.table("recorded_files").where((F.col("dataset") == dataset) & F.col("file").isNotNull())
    present = spark.table("listed_files").where("is_read").select("dataset", "file")
    return recorded.join(present, ["dataset", "file"], "left_anti").collect()


def look_for_files():
    """The files of each dataset by its name: one query says what there is to do."""
    list_files()
    recorded_files().createOrReplaceTempView("recorded_files")
    rules = ", ".join(f"({quoted(dataset)}, array({', '.join(map(quoted, of))}))" for dataset, of in RULES.items())
    spark.sql(f"SELECT * FROM VALUES {rules} AS (dataset, rules)").createOrReplaceTempView("rules_now")
    rows = spark.sql("""
WITH
recorded AS (
  SELECT
    dataset,
    file,
    collect_list(struct(size, modified)) AS forms,
    bool_or(NOT array_contains(rules_now.rules, recorded_files.rules)) AS other_rules,
    bool_or(array_contains(rules_now.rules, recorded_files.rules)) AS same_rules
  FROM recorded_files
  INNER JOIN rules_now USING (dataset)
  GROUP BY dataset, file
),
both AS (
  SELECT
    dataset, file, location, size, modified, is_read, forms, other_rules,
    file IS NULL AS is_announcement,
    file IS NULL AND same_rules AS announced,
    is_read AND NOT coalesce(array_contains(forms, struct(size, modified)), false) AS is_new
  FROM listed_files
  FULL JOIN recorded USING (dataset, file)
)
SELECT
  dataset,
  count_if(is_read) AS present,
  collect_list(CASE WHEN NOT is_read THEN file END) AS others,
  collect_list(CASE WHEN is_new THEN struct(dataset, file, location, size, modified) END) AS new,
  coalesce(bool_or(other_rules), false) AS anew,
  coalesce(bool_or(announced), false) AS announced,
  count(forms) = 0 AS unknown,
  coalesce(bool_or(is_announcement OR is_new AND forms IS NOT NULL), false) AS replace,
  count_if(forms IS NOT NULL AND NOT is_announcement AND NOT coalesce(is_read, false)) AS gone
FROM both
INNER JOIN rules_now USING (dataset)
GROUP BY dataset
""").collect()
    if sum(row.present for row in rows) == 0 and not any(exists(spark, bronze_of(dataset)) for dataset in RULES):
        raise FileNotFoundError(
            f"There are no landing files in {landing}: they are named like topics/pin/partition=0/pin+0+0000000000.json."
        )
    found = {row.dataset: files_of(row) for row in rows}
    return {dataset: found.get(dataset, Files(0, [], [], [], "", False, False)) for dataset in RULES}


def files_of(row):
    """The files of a dataset, from its row of the query; all of them where a rule has changed, or a table is gone."""
    new, gone = row.new, []
    anew = f"A rule of {row.dataset} has changed" if row.anew else "" if row.unknown else lost_table(row.dataset)
    if anew:
        gone = gone_files(row.dataset) if row.gone > 0 else []
        lost = lost_from_bronze(row.dataset, gone) if gone else []
        if lost:
            raise RuntimeError(
                f"{anew}, and {len(lost)} of the files that were read are no longer in {landing}, the first "
                f"{min(file.file for file in lost)}, nor are their lines in {bronze_of(row.dataset)}: bring "
                f"them back, or move {lake}/silver/{row.dataset}, {lake}/quarantine/{row.dataset} and {FILES_READ} away."
            )
        new = listed(row.dataset)
    announce = not row.announced and (anew != "" or (row.unknown and len(new) > 0))
    return Files(row.present, sorted(row.others), new, gone, anew, announce, row.replace or anew != "" or announce)


def tables_of(dataset):
    """The tables that hold what the files of a dataset were read into, from the lake."""
    return [f"silver/{dataset}", f"quarantine/{dataset}"]


def lost_table(dataset):
    """The reason to read all files again where one of the tables that hold them is gone."""
    gone = [table for table in tables_of(dataset) if not exists(spark, f"{lake}/{table}")]
    return f"The table {gone[0]} of the lake is gone" if gone else ""


def announce_rules(found):
    """Records by which rules silver is made, before it is, in lines without a file: if this run is killed, and a rule
    changes before the next, that one must know that silver may hold rows of other rules."""
    lines = [(dataset, None, None, None, RULES[dataset][0]) for dataset, of in found.items() if of.announce]
    if lines:
        write(frame_of(lines, FILES_COLUMNS), FILES_READ)


def record_files(found, answers):
    """Records that files are read, and what answers are made of them. What was listed is what was read, whatever landed since."""
    lines = [
        (dataset, file.file, file.size, file.modified, RULES[dataset][0])
        for dataset, of in found.items()
        for file in [*of.new, *of.gone]
    ]
    new = frame_of(lines, FILES_COLUMNS)
    if lines and not any(of.replace for of in found.values()):
        add_rows(new, stored(spark, FILES_READ), FILES_READ, new.columns, userMetadata=answers)
    else:
        finished = F.col("file").isNull() & F.col("dataset").isin(*found)
        # Node notes in lines of their own which tables hold the files: these are others now.
        replaced = F.col("dataset").isin([table for dataset, of in found.items() if of.anew for table in tables_of(dataset)])
        others = recorded_files().where(~finished & ~replaced).join(new, ["dataset", "file"], "left_anti")
        write(others.unionByName(new), FILES_READ, "overwrite", userMetadata=answers)

# COMMAND ----------

# MAGIC %md
# MAGIC ## States

# COMMAND ----------

STATES_TABLE = f"{lake}/states"


def silver_of(dataset):
    return f"{lake}/silver/{dataset}"


import json
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

# The row of the table that says which states it holds, and which version of each silver table they have seen. In the table, it is
# true of whatever version of it is read or restored.
SEEN = "seen"
# Operations that change no row.
CHANGES_NO_ROW = {"OPTIMIZE", "VACUUM START", "VACUUM END"}
# The changes of a table: whether rows were added, and the versions that only took out what was erased.
Changes = namedtuple("Changes", "added, freeing")
# Lets the rows be read that a commit has added.
CHANGE_FEED = {"delta.enableChangeDataFeed": "true"}


def commits_of(dataset):
    """The last commits of a dataset's silver, the newest first. A time tells a commit from one of a table made anew."""
    history = spark.sql(f"DESCRIBE HISTORY delta.`{silver_of(dataset)}` LIMIT 100")
    return history.selectExpr(
        "version", "CAST(timestamp AS STRING) AS time", "operation", "operationParameters AS parameters", "userMetadata AS text"
    ).collect()


def commits_of_silver():
    """The last commits of each dataset's silver."""
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(COLUMNS, pool.map(commits_of, COLUMNS)))


def silver_at(dataset, version):
    """The rows of a version of silver."""
    return spark.read.format("delta").option("versionAsOf", version).load(silver_of(dataset))


def freed_up_to(commit):
    """The time of the last erasure that a commit took rows out for, and nothing else; None for another commit."""
    return json.loads(commit.text)["erased"] if (commit.text or "").startswith('{"erased"') else None


def changes_since(commits, seen, erased):
    """What has changed after a commit that was seen; None, when it cannot be told, or other things have happened."""
    at = next((at for at, commit in enumerate(commits) if [commit.version, commit.time] == seen), None)
    if at is None:
        return None
    changes = [commit for commit in commits[:at] if commit.operation not in CHANGES_NO_ROW and not sets_property(commit)]
    freeing = [commit for commit in changes if freed_up_to(commit) is not None]
    others = [commit for commit in changes if commit not in freeing]
    appended = all(commit.operation == "WRITE" and commit.parameters.get("mode") == "Append" for commit in others)
    # What was erased after this run has looked is not known to it.
    known = all(freed_up_to(commit) <= up_to(erased) for commit in freeing)
    return Changes(len(others) > 0, [commit.version for commit in freeing]) if appended and known else None


def sets_property(commit):
    """Whether a commit only tells others that the table is being freed of what was erased."""
    return commit.operation == "SET TBLPROPERTIES" and list(json.loads(commit.parameters["properties"])) == [ERASED_UP_TO]


def feed_changes(dataset):
    """Turns the feed of changes on, where an older notebook or another writer has made the table. Tells if it was off."""
    properties = spark.sql(f"SHOW TBLPROPERTIES delta.`{silver_of(dataset)}`").collect()
    off = dict(properties).items().isdisjoint(CHANGE_FEED.items())
    if off:
        for name, value in CHANGE_FEED.items():
            spark.sql(f"ALTER TABLE delta.`{silver_of(dataset)}` SET TBLPROPERTIES ('{name}' = '{value}')")
    return off


def last_seen():
    """The text of the row that says what the states have seen; None, when there are none."""
    states = stored(spark, STATES_TABLE)
    row = None if states is None else states.where(F.col("state") == SEEN).first()
    return row and row.cells[0]


def keep_states(commits):
    """Adds to the states what silver has gained, and takes back what was erased; those that cannot be followed are made anew.

    Of a state with a `place`, only the first tuples are there: when one leaves, the next is not known.
    Returns the last commits of silver, to which the answers then belong.
    """
    erased = read_erasures(spark)
    text = last_seen()
    seen = json.loads(text) if text else {"states": [], "silver": {}}
    changes = {dataset: changes_since(commits[dataset], seen["silver"].get(dataset), erased) for dataset in commits}
    followed = [name for name in STATES if name in seen["states"] and can_follow(name, changes)]
    anew = [name for name in STATES if name not in followed]
    if not anew and not (followed and any(of.added or of.freeing for of in changes.values() if of)):
        return commits
    # Changes can be followed from the version that turned the feed on: versions are read again.
    with ThreadPoolExecutor(4) as pool:
        turned_on = list(pool.map(feed_changes, set().union(*map(sources_of, anew))))
    if any(turned_on):
        return keep_states(commits_of_silver())
    now = {dataset: [last.version, last.time] for dataset, (last, *_) in commits.items()}
    for dataset, (version, _) in now.items():
        silver_at(dataset, version).createOrReplaceTempView(dataset)
    try:
        parts = whole_tuples(anew) + changed_tuples(followed, changes, seen["silver"], now, erased)
        write(states_of(parts, text, followed, now), STATES_TABLE, "overwrite", optimizeWrite="true")
    except Exception as error:
        # Files of the version that was seen may be vacuumed.
        if not followed or "FILE_NOT_EXIST" not in str(error):
            raise
        followed, anew = [], list(STATES)
        write(states_of(whole_tuples(STATES), text, [], now), STATES_TABLE, "overwrite", optimizeWrite="true")
    freed = any(changes[of].freeing for name in followed for of in sources_of(name))
    print(f"states: {len(followed)} followed{', what was erased taken back' if freed else ''}, {len(anew)} made anew")
    return commits


def can_follow(name, changes):
    """Whether the changes of a state's sources can be followed."""
    of = [changes[source] for source in sources_of(name)]
    return None not in of and (STATES[name]["place"] is None or not any(each.freeing for each in of))


def sources_of(name):
    """The datasets that a state is made of."""
    return {source for source, _ in ROWS[STATES[name]["rows"]]["added"]}


def tuples_of(rows, names, count=1):
    """The statement of the tuples that rows bring to states, or take with them: one look at the rows serves them all."""
    tuples = ", ".join(f"named_struct('state', {quoted(name)}, 'cells', {STATES[name]['tuple']})" for name in names)
    each = f"SELECT explode(array({tuples})) AS tuple FROM (\n{rows}\n)"
    return f"SELECT tuple.state AS state, tuple.cells AS cells, {count}L AS rows FROM ({each}) WHERE tuple.cells IS NOT NULL"


def by_rows(names):
    """States by the rows that they are made of."""
    found = {rows: [name for name in names if STATES[name]["rows"] == rows] for rows in ROWS}
    return [(ROWS[rows], of) for rows, of in found.items() if of]


def whole_tuples(names):
    """The statements of all tuples of states."""
    return [tuples_of(rows["whole"], of) for rows, of in by_rows(names)]


def changed_tuples(followed, changes, seen, now, erased):
    """The statements of tuples that new rows bring to states, and that erased rows take with them.

    With "after" for "before" plus what is new less what is gone, both come to the same sums over rows before and after.
    """
    changed = {of for name in followed for of in sources_of(name) if changes[of].added or changes[of].freeing}
    if not changed or not make_views_of_changes(changed, changes, seen, now, erased):
        return []
    parts = []
    for rows, names in by_rows(followed):
        for source, sql in rows["added"]:
            if source in changed:
                parts.append(tuples_of(sql, names))
            if source in changed and changes[source].freeing:
                parts.append(tuples_of(sql.replace(f"`{source} added`", f"`{source} gone`"), names, -1))
    return parts


def states_of(parts, text, followed, now):
    """The rows of the table of states: new tuples, and the stored ones of states that are followed."""
    tuples = list(parts)
    if followed:
        stored(spark, STATES_TABLE).createOrReplaceTempView("`states before`")
        tuples.append(f"SELECT state, cells, rows FROM `states before` WHERE {is_kept(text, followed)}")
    together = f"SELECT state, cells, sum(rows) AS rows FROM (\n{' UNION ALL '.join(tuples)}\n) GROUP BY state, cells HAVING sum(rows) <> 0"
    placed = {name: state["place"] for name, state in STATES.items() if state["place"]}
    without = f"WHERE state NOT IN ({', '.join(map(quoted, placed))})" if placed else ""
    selected = [f"SELECT state, cells, rows FROM together {without}"]
    selected += [
        f"SELECT state, cells, rows FROM (SELECT *, {place} AS place FROM together WHERE state = {quoted(name)}) WHERE place = 1"
        for name, place in placed.items()
    ]
    said = json.dumps({"states": list(STATES), "silver": now})
    selected.append(f"SELECT {quoted(SEEN)}, array({quoted(said)}), 0L")
    return spark.sql(f"WITH together AS (\n{together}\n)\n" + "\nUNION ALL\n".join(selected))


def is_kept(text, followed):
    """The condition that a stored tuple is used again. Fails when another run has written meanwhile: it would count rows twice."""
    message = f"Another run has written to {STATES_TABLE} meanwhile. Nothing is lost and nothing is doubled: run this again."
    unseen = f"assert_true(cells[0] <=> {quoted(text)}, {quoted(message)}) IS NOT NULL"
    names = ", ".join(quoted(name) for name in followed)
    return f"CASE WHEN state = {quoted(SEEN)} THEN {unseen} ELSE state IN ({names}) END"


def make_views_of_changes(changed, changes, seen, now, erased):
    """Makes views of new and erased rows, and of rows before and after whose keys lie among theirs; False when there are none.

    Rows with erased keys are compared before and after. The feed tells the others that are new, but for commits that only take
    rows out: these write files again, and in the feed each of their rows is gone and new.
    """
    keys = [key for of in erased for key in of.keys]
    views = []
    for dataset in changed:
        key, columns = KEY[dataset][1], spark.table(dataset).columns
        feed = spark.read.format("delta").option("readChangeFeed", "true").option("endingVersion", now[dataset][0])
        rows = feed.option("startingVersion", seen[dataset][0] + 1).load(silver_of(dataset))
        freeing = changes[dataset].freeing
        if freeing:
            before, after = (silver_at(dataset, at[dataset][0]).where(is_one_of(f"`{key}`", keys)) for at in (seen, now))
            rows = rows.where(~F.col("_commit_version").isin(freeing)).where(f"NOT {is_one_of(f'`{key}`', keys)}").select(columns)
            rows = rows.unionByName(missing_in(before, after, columns))
            gone = missing_in(after, before, columns)
            gone.createOrReplaceTempView(f"`{dataset} gone`")
            views.append((key, f"{dataset} gone"))
        rows.select(columns).createOrReplaceTempView(f"`{dataset} added`")
        views.append((key, f"{dataset} added"))
    found = " UNION ALL ".join(f"SELECT `{key}` AS key FROM `{view}`" for key, view in views)
    least, greatest = spark.sql(f"SELECT min(key), max(key) FROM ({found})").first()
    if least is None:
        return False
    for dataset, (version, _) in now.items():
        near = F.col(KEY[dataset][1]).between(least, greatest)
        before = seen[dataset][0] if dataset in changed else version
        silver_at(dataset, before).where(near).createOrReplaceTempView(f"`{dataset} before`")
        silver_at(dataset, version).where(near).createOrReplaceTempView(f"`{dataset} near`")
    return True

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver and quarantine

# COMMAND ----------

QUARANTINE_COLUMNS = "file STRING, text STRING, reason STRING"


def replace_quarantined(bad, count, files, path):
    """Quarantines lines in place of what the table holds of their files."""
    kept = stored(spark, path)
    if kept is None:
        # One commit makes the table and fills it.
        write(bad, path) if count > 0 else create(spark, path, QUARANTINE_COLUMNS)
        return
    names = frame_of([(file.file,) for file in files], "file STRING")
    # Most often it holds nothing of them: they are new. Statistics tell that it holds nothing at all.
    if kept.count() > 0 and not kept.join(names, "file", "left_semi").isEmpty():
        view = f"files_of_{files[0].dataset}"
        names.createOrReplaceTempView(view)
        spark.sql(f"MERGE INTO delta.`{path}` kept USING {view} new ON kept.file = new.file WHEN MATCHED THEN DELETE")
    if count > 0:
        add_unseen(bad, stored(spark, path), "file", path)


def kept_tables(dataset):
    """The tables of a dataset, each with the condition that a row has one of some keys."""
    key = KEY[dataset]
    return [(f"{lake}/silver/{dataset}", has_key(key)), (f"{lake}/quarantine/{dataset}", text_has_key(key))]


def take_out_of_tables(dataset, anew):
    """Takes out of a dataset's tables what was erased since the last run. One that is made now must say that it is free of it."""
    columns = [(COLUMNS[dataset], CHANGE_FEED), (QUARANTINE_COLUMNS, {})]
    for (path, condition), made in zip(kept_tables(dataset), columns) if erased else ():
        done = last.get("erased", -1)
        if stored(spark, path) is None:
            if anew:
                continue
            create(spark, path, *made)
            done = -1
        take_out_erased(spark, path, erased, done, condition)
    if up_to(erased) > last.get("erased", -1):
        take_out_of_bronze(dataset, erased)


def without_erased(decoded, dataset, of):
    """Decoded lines without those of erased posts, and how many these are. A line is posted when its file was last changed."""
    if not erased:
        return decoded, 0
    times = F.broadcast(forms_of([*of.new, *of.gone]).select("file", "modified"))
    condition = is_erased_line(erased, KEY[dataset], "modified * 1000")
    marked = decoded.join(times, "file", "left").withColumn("erased", F.expr(condition))
    left = unless_erased_since(spark, marked.where("NOT erased").select(*decoded.columns), erased)
    return left, marked.where("erased").count()


def are_gone(found):
    """Whether files that were listed are no more there: an erasure has removed them."""
    files = [file for of in found.values() for file in of.new]
    if not files:
        return False
    list_files()
    return not forms_of(files).join(spark.table("listed_files"), "file", "left_anti").isEmpty()


from threading import Thread

from pyspark.sql import Observation


# Marks the first line of each of the parts in which Spark works: `monotonically_increasing_id` counts a part's rows in its lower 33 bits.
PART_BEGUN = "CASE WHEN monotonically_increasing_id() & 8589934591 = 0 THEN spark_partition_id() END AS `part begun`"


def observed_lines(lines, key, given):
    """Cleaned lines that are counted while they are written, and what tells the counts afterwards.

    It tells None where a look of their own must count them: Spark Connect gives nothing of what was observed while writing, and
    a part that Spark has done twice is observed twice, from its first line on.
    """
    observation = Observation()
    placed = lines.selectExpr("*", PART_BEGUN)
    wanted = ["count(`part begun`)", "size(collect_set(`part begun`))", *counts_of(key, given)]
    observed = placed.observe(observation, *[F.expr(of).alias(f"count_{at}") for at, of in enumerate(wanted)])

    def told():
        found = {}
        # A driver with too much to do may drop the news, and waits for it for ever.
        waiting = Thread(target=lambda: found.update(observation.get), daemon=True)
        waiting.start()
        waiting.join(60)
        begun, parts, bad, least, greatest, *made_null = [found.get(f"count_{at}") for at in range(len(wanted))]
        return Counted(bad, least, greatest, made_null) if found and begun == parts else None

    return observed, told


def replace_table(rows, path, options={}):
    """Replaces a table by rows. One that is made now is free of what was erased."""
    made = is_free(erased) if stored(spark, path) is None else {}
    write(rows, path, "overwrite", overwriteSchema="true", **options, **made)


def store_events(dataset, decoded, anew):
    """Adds decoded lines to a dataset's silver, or, anew, replaces it by them. Returns what was counted of the lines."""
    silver, key, given = silver_of(dataset), KEY[dataset][1], GIVEN[dataset]
    lines = cleaned(dataset, decoded, given)
    kept = None if anew else stored(spark, silver)
    # Statistics tell the number of rows.
    if kept is not None and kept.count() > 0:
        counted = count_lines(lines, key, given)
        add_by_key(spark, dataset, lines, counted, silver)
        return counted
    # There is nothing to compare with, so nothing has to be known before.
    observed, told = observed_lines(lines, key, given)
    rows = events_of(dataset, observed)
    if anew:
        replace_table(rows, silver, CHANGE_FEED)
    else:
        add_rows(rows, kept, silver, rows.columns, **CHANGE_FEED)
    return told() or count_lines(lines, key, given)


def read_landing(dataset, of):
    """Adds what landing files hold to a dataset's silver and quarantine, or, anew, replaces both by it.

    Returns how many lines are of erased posts, and how many values of each column a cleaning rule has made null.
    """
    silver, quarantine = silver_of(dataset), f"{lake}/quarantine/{dataset}"
    if not of.new and not of.gone:
        create_if_missing(spark, silver, COLUMNS[dataset], CHANGE_FEED)
        create_if_missing(spark, quarantine, QUARANTINE_COLUMNS)
        return 0, {}
    lines_of(dataset, of).createOrReplaceTempView(f"{dataset}_lines")
    decoded, dropped = without_erased(spark.sql(DECODE[dataset]), dataset, of)
    counted = store_events(dataset, decoded, of.anew)
    # A plain line is an event, which is known before it is parsed.
    bad = decoded.where("NOT is_plain AND reason IS NOT NULL").select("file", "text", "reason")
    if of.anew:
        replace_table(bad if counted.bad > 0 else bad.limit(0), quarantine)
    else:
        replace_quarantined(bad, counted.bad, of.new, quarantine)
    return dropped, dict(zip(GIVEN[dataset], counted.made_null))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Answers

# COMMAND ----------

import hashlib

tables = dbutils.widgets.get("tables").strip()


def answers_of(commits):
    """What the last commit of a run says of its answers: their statements, the silver that they are made of, their catalog."""
    versions = {dataset: last.version for dataset, (last, *_) in commits.items()}
    statements = {query: hashlib.sha256(statement.encode()).hexdigest() for query, statement in GOLD.items()}
    said = {"answers": statements, "silver": versions, "tables": tables}
    return said | {"erased": up_to(erased)} if erased else said


def last_answers():
    """What the last run said; nothing, when it was none of this notebook."""
    nothing_said = {"answers": {}, "silver": {}, "tables": tables}
    if stored(spark, FILES_READ) is None:
        return nothing_said
    history = spark.sql(f"DESCRIBE HISTORY delta.`{FILES_READ}` LIMIT 100")
    last = history.where("operation NOT IN ('OPTIMIZE', 'VACUUM START', 'VACUUM END')").select("userMetadata").first()
    said = last is not None and (last.userMetadata or "").startswith('{"answers":')
    return json.loads(last.userMetadata) if said else nothing_said


def is_due(query, last, now):
    """Whether an answer's statement or silver is another than the last run's, or its table is missing."""
    same = last["answers"].get(query) == now["answers"][query] and last["tables"] == tables
    same = same and all(last["silver"].get(dataset) == now["silver"][dataset] for dataset in SOURCES[query])
    return not same or not exists(spark, gold_of(query))


def gold_of(query):
    return f"{lake}/gold/{query}"


def answer(query):
    """Writes an answer in one commit, and makes its table in the catalog, which may have to be told of other columns."""
    write(spark.sql(GOLD[query]).coalesce(1), gold_of(query), "overwrite", overwriteSchema="true")
    if tables:
        table = ".".join(f"`{name}`" for name in [*tables.split("."), query])
        spark.sql(f"CREATE TABLE IF NOT EXISTS {table} USING DELTA LOCATION {quoted(gold_of(query))}")
        spark.sql(f"REPAIR TABLE {table} SYNC METADATA")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

erased = read_erasures(spark)
found = look_for_files()
last = last_answers()
for dataset, of in found.items():
    gone = f", and {len(of.gone)} that are gone from bronze" if of.gone else ""
    print(f"{dataset}: {len(of.new)} of {of.present} landing files read now{gone}{f' ({of.anew})' if of.anew else ''}")
    if of.others:
        names = ", ".join(of.others[:20]) + (" …" if len(of.others) > 20 else "")
        print(f"{dataset}: {len(of.others)} other files not read: {names}")

announce_rules(found)


def read(dataset):
    take_out_of_tables(dataset, found[dataset].anew)
    copy_lines(dataset, found[dataset], begins_bronze)
    return read_landing(dataset, found[dataset])


# Tables wait for each other's commits no more than they must.
with ThreadPoolExecutor(4) as pool:
    counts_of_read = dict(zip(found, pool.map(read, found)))
for dataset, (dropped, _) in counts_of_read.items():
    if erased:
        print(f"{dataset}: {dropped} erased")
commits = commits_of_silver()
due = [query for query in GOLD if is_due(query, last, answers_of(commits))]
if due and STATES:
    commits = keep_states(commits)
    spark.read.format("delta").load(STATES_TABLE).createOrReplaceTempView("`states of answers`")
for dataset, (newest, *_) in commits.items():
    silver_at(dataset, newest.version).createOrReplaceTempView(dataset)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(answer, due))
now = answers_of(commits)
for query in GOLD:
    print(query)
    display(spark.read.format("delta").load(gold_of(query)))
counted = [(dataset, *of) for dataset, (_, counts) in counts_of_read.items() for of in counts.items()]
if counted:
    print("Values of the lines read now that cleaning has made null:")
    display(frame_of(counted, "dataset STRING, column STRING, values BIGINT"))

if take_out_newer(spark, [table for dataset in found for table in kept_tables(dataset)], erased):
    raise RuntimeError("Posts were erased while this ran. Their rows are taken out: run this again.")
if erased and are_gone(found):
    raise RuntimeError("Landing files were removed while they were read. Nothing is lost: run this again.")

# Last: what says that all of this is done.
if now != last or any(of.new or of.anew for of in found.values()):
    record_files(found, json.dumps(now))
# The alarm for days without a batch counts these files: where nothing is new, a run writes no other.
spark.sql("SELECT current_timestamp() AS ended").write.mode("overwrite").json(f"{lake}/last_batch")
