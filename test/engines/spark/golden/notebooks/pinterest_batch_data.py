# Databricks notebook source
# MAGIC %md
# MAGIC # Landing files to silver, quarantine and gold
# MAGIC Written by `npm run notebooks` from the definitions of datasets and queries: change those, not this.
# MAGIC
# MAGIC - Reads the landing files that it has not read yet, by path, size and time of change, as `files_read` tells.
# MAGIC - `silver/<dataset>`: cleaned rows, each once. `quarantine/<dataset>`: lines that are no events, with file and reason.
# MAGIC - `gold/<query>`: the answers, each overwritten in one commit.
# MAGIC - `files_read` is committed last. Everything before can be done again without harm, so a run that was killed is simply
# MAGIC   run again. After a change to a rule, all files are read again.
# MAGIC - `npm run batch --lake` keeps the same tables: a lake may be written by either, in turn.

# COMMAND ----------

dbutils.widgets.text("landing", "dbfs:/mnt/pinterest/lake", "Folder that holds topics/")
dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("tables", "", "Schema of the answers' tables, after its catalog, if any")

# COMMAND ----------

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


landing, lake = required("landing"), required("lake")
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

COLUMNS, DECODE, CLEAN = {}, {}, {}

# COMMAND ----------

COLUMNS["pin"] = "`ind` BIGINT, `unique_id` STRING, `title` STRING, `description` STRING, `follower_count` BIGINT, `poster_name` STRING, `tag_list` STRING, `is_image_or_video` STRING, `image_src` STRING, `save_location` STRING, `category` STRING"

DECODE["pin"] = r"""
WITH
`lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`,
    trim(BOTH ' \t\n\r' FROM make_valid_utf8(`text`)) AS `object`
  FROM `pin_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once.
  LATERAL VIEW explode(array(
    CASE
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
  )) AS `parsed`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    (`parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'index', CASE WHEN schema_of_variant(`parsed`.`value`.`index`) = 'BIGINT' AND try_cast(`parsed`.`value`.`index` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`index` AS BIGINT) END,
      'unique_id', CASE WHEN schema_of_variant(`parsed`.`value`.`unique_id`) = 'STRING' THEN try_cast(`parsed`.`value`.`unique_id` AS STRING) END,
      'title', CASE WHEN schema_of_variant(`parsed`.`value`.`title`) = 'STRING' THEN try_cast(`parsed`.`value`.`title` AS STRING) END,
      'description', CASE WHEN schema_of_variant(`parsed`.`value`.`description`) = 'STRING' THEN try_cast(`parsed`.`value`.`description` AS STRING) END,
      'poster_name', CASE WHEN schema_of_variant(`parsed`.`value`.`poster_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`poster_name` AS STRING) END,
      'follower_count', CASE WHEN schema_of_variant(`parsed`.`value`.`follower_count`) = 'STRING' THEN try_cast(`parsed`.`value`.`follower_count` AS STRING) END,
      'tag_list', CASE WHEN schema_of_variant(`parsed`.`value`.`tag_list`) = 'STRING' THEN try_cast(`parsed`.`value`.`tag_list` AS STRING) END,
      'is_image_or_video', CASE WHEN schema_of_variant(`parsed`.`value`.`is_image_or_video`) = 'STRING' THEN try_cast(`parsed`.`value`.`is_image_or_video` AS STRING) END,
      'image_src', CASE WHEN schema_of_variant(`parsed`.`value`.`image_src`) = 'STRING' THEN try_cast(`parsed`.`value`.`image_src` AS STRING) END,
      'downloaded', CASE WHEN schema_of_variant(`parsed`.`value`.`downloaded`) = 'BIGINT' AND try_cast(`parsed`.`value`.`downloaded` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`downloaded` AS BIGINT) END,
      'save_location', CASE WHEN schema_of_variant(`parsed`.`value`.`save_location`) = 'STRING' THEN try_cast(`parsed`.`value`.`save_location` AS STRING) END,
      'category', CASE WHEN schema_of_variant(`parsed`.`value`.`category`) = 'STRING' THEN try_cast(`parsed`.`value`.`category` AS STRING) END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`index` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["pin"] = r"""
SELECT DISTINCT
  `index` AS `ind`,
  CASE WHEN trim(BOTH ' \t\n\r' FROM `unique_id`) <> '' THEN `unique_id` END AS `unique_id`,
  CASE
    WHEN (`title` = 'No Title Data Available') THEN NULL
    ELSE CASE
      WHEN trim(BOTH ' \t\n\r' FROM `title`) <> '' THEN `title`
    END
  END AS `title`,
  CASE
    WHEN startswith(`description`, 'No description available') THEN NULL
    ELSE CASE
      WHEN trim(BOTH ' \t\n\r' FROM `description`) <> '' THEN `description`
    END
  END AS `description`,
  CASE
    WHEN `follower_count` RLIKE '\\A[ \\t\\n\\r]*[0-9]+([.][0-9]+)?[kKmMbB]?[ \\t\\n\\r]*\\z' THEN nullif(least(try_cast(concat(regexp_extract(`follower_count`, '[0-9]+', 0), left(concat(regexp_extract(`follower_count`, '[.]([0-9]+)', 1), '000000000'), CASE lower(regexp_extract(`follower_count`, '[kKmMbB]', 0))
      WHEN 'k' THEN 3
      WHEN 'm' THEN 6
      WHEN 'b' THEN 9
      ELSE 0
    END)) AS BIGINT), 9007199254740992), 9007199254740992)
  END AS `follower_count`,
  CASE
    WHEN (`poster_name` = 'User Info Error') THEN NULL
    ELSE CASE
      WHEN trim(BOTH ' \t\n\r' FROM `poster_name`) <> '' THEN `poster_name`
    END
  END AS `poster_name`,
  CASE
    WHEN (`tag_list` = 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e') THEN NULL
    ELSE CASE
      WHEN trim(BOTH ' \t\n\r' FROM `tag_list`) <> '' THEN `tag_list`
    END
  END AS `tag_list`,
  CASE WHEN trim(BOTH ' \t\n\r' FROM `is_image_or_video`) <> '' THEN `is_image_or_video` END AS `is_image_or_video`,
  CASE
    WHEN ((`image_src` = 'Image src error.') OR (`image_src` = 'Image src error')) THEN NULL
    ELSE CASE
      WHEN trim(BOTH ' \t\n\r' FROM `image_src`) <> '' THEN `image_src`
    END
  END AS `image_src`,
  CASE
    WHEN trim(BOTH ' \t\n\r' FROM CASE
      WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
      WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
    END) <> '' THEN CASE
      WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
      WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
    END
  END AS `save_location`,
  CASE WHEN trim(BOTH ' \t\n\r' FROM `category`) <> '' THEN `category` END AS `category`
FROM `pin_raw`
"""

# COMMAND ----------

COLUMNS["geo"] = "`ind` BIGINT, `country` STRING, `coordinates` ARRAY<DOUBLE>, `timestamp` TIMESTAMP"

DECODE["geo"] = r"""
WITH
`lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`,
    trim(BOTH ' \t\n\r' FROM make_valid_utf8(`text`)) AS `object`
  FROM `geo_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once.
  LATERAL VIEW explode(array(
    CASE
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
  )) AS `parsed`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    (`parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'ind', CASE WHEN schema_of_variant(`parsed`.`value`.`ind`) = 'BIGINT' AND try_cast(`parsed`.`value`.`ind` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`ind` AS BIGINT) END,
      'timestamp', CASE WHEN schema_of_variant(`parsed`.`value`.`timestamp`) = 'STRING' THEN try_cast(`parsed`.`value`.`timestamp` AS STRING) END,
      'latitude', CASE WHEN schema_of_variant(`parsed`.`value`.`latitude`) RLIKE '^(BIGINT|DECIMAL|DOUBLE)' AND abs(try_cast(`parsed`.`value`.`latitude` AS DOUBLE)) <= 1.7976931348623157E308D THEN try_cast(`parsed`.`value`.`latitude` AS DOUBLE) + 0.0D END,
      'longitude', CASE WHEN schema_of_variant(`parsed`.`value`.`longitude`) RLIKE '^(BIGINT|DECIMAL|DOUBLE)' AND abs(try_cast(`parsed`.`value`.`longitude` AS DOUBLE)) <= 1.7976931348623157E308D THEN try_cast(`parsed`.`value`.`longitude` AS DOUBLE) + 0.0D END,
      'country', CASE WHEN schema_of_variant(`parsed`.`value`.`country`) = 'STRING' THEN try_cast(`parsed`.`value`.`country` AS STRING) END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`ind` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["geo"] = r"""
SELECT DISTINCT
  `ind`,
  CASE WHEN trim(BOTH ' \t\n\r' FROM `country`) <> '' THEN `country` END AS `country`,
  CASE
    WHEN abs(`latitude`) <= 90 AND abs(`longitude`) <= 180 THEN array(`latitude` + 0.0D, `longitude` + 0.0D)
  END AS `coordinates`,
  CASE
    WHEN `timestamp` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`timestamp`, 4) <> '0000' THEN try_cast(`timestamp` AS TIMESTAMP)
  END AS `timestamp`
FROM `geo_raw`
"""

# COMMAND ----------

COLUMNS["user"] = "`ind` BIGINT, `user_name` STRING, `age` BIGINT, `date_joined` TIMESTAMP"

DECODE["user"] = r"""
WITH
`lines` AS (
  SELECT
    `file`,
    make_valid_utf8(`text`) AS `text`,
    trim(BOTH ' \t\n\r' FROM make_valid_utf8(`text`)) AS `object`
  FROM `user_lines`
),
`parsed_lines` AS (
  SELECT
    `file`,
    `text`,
    `parsed`,
    md5(`object`) AS `end`
  FROM `lines`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once.
  LATERAL VIEW explode(array(
    CASE
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
  )) AS `parsed`
),
`typed_lines` AS (
  SELECT
    `file`,
    `text`,
    (`parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL) AS `well_formed`,
    named_struct(
      'ind', CASE WHEN schema_of_variant(`parsed`.`value`.`ind`) = 'BIGINT' AND try_cast(`parsed`.`value`.`ind` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`ind` AS BIGINT) END,
      'first_name', CASE WHEN schema_of_variant(`parsed`.`value`.`first_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`first_name` AS STRING) END,
      'last_name', CASE WHEN schema_of_variant(`parsed`.`value`.`last_name`) = 'STRING' THEN try_cast(`parsed`.`value`.`last_name` AS STRING) END,
      'age', CASE WHEN schema_of_variant(`parsed`.`value`.`age`) = 'BIGINT' AND try_cast(`parsed`.`value`.`age` AS BIGINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN try_cast(`parsed`.`value`.`age` AS BIGINT) END,
      'date_joined', CASE WHEN schema_of_variant(`parsed`.`value`.`date_joined`) = 'STRING' THEN try_cast(`parsed`.`value`.`date_joined` AS STRING) END
    ) AS `raw`
  FROM `parsed_lines`
)
SELECT
  `file`,
  `text`,
  CASE
    WHEN NOT `well_formed` THEN 'malformed_json'
    WHEN `raw`.`ind` IS NULL THEN 'missing_key'
  END AS `reason`,
  `raw`
FROM `typed_lines`
"""

CLEAN["user"] = r"""
SELECT DISTINCT
  `ind`,
  array_join(nullif(array_compact(array(CASE
    WHEN trim(BOTH ' \t\n\r' FROM `first_name`) <> '' THEN `first_name`
  END, CASE
    WHEN trim(BOTH ' \t\n\r' FROM `last_name`) <> '' THEN `last_name`
  END)), CAST(array() AS ARRAY<STRING>)), ' ') AS `user_name`,
  `age`,
  CASE
    WHEN `date_joined` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`date_joined`, 4) <> '0000' THEN try_cast(`date_joined` AS TIMESTAMP)
  END AS `date_joined`
FROM `user_raw`
"""

# COMMAND ----------

# Change when what a line means changes: then files that were read have to be read again.
RULES = {
    "pin": "edacba16f3fab48141488fa88423b846949beb0d5185996056ac155184710ef0",
    "geo": "fbda904f296b92d85f0765fa2ecc5a68f47ea97ae36dc8395cb7414fd9ada3f7",
    "user": "61329e454141de9bd13f6df57a5f4696b1a7f87828ce077de74f947d577a0ee7",
}

# COMMAND ----------

GOLD = {}

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each country?

# COMMAND ----------

GOLD["most_popular_category_by_country"] = r"""
WITH
`counted_by_country_and_category` AS (
  SELECT
    `country`,
    `category`,
    count(*) AS `category_count`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
  WHERE (`country` IS NOT NULL)
    AND (`category` IS NOT NULL)
  GROUP BY
    `country`,
    `category`
),
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_country_and_category`
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
`post_year_and_category_of_pin_with_geo` AS (
  SELECT
    year(`timestamp`) AS `post_year`,
    `category`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
),
`counted_by_post_year_and_category` AS (
  SELECT
    `post_year`,
    `category`,
    count(*) AS `category_count`
  FROM `post_year_and_category_of_pin_with_geo`
  WHERE (`post_year` >= 2018)
    AND (`post_year` <= 2022)
    AND (`category` IS NOT NULL)
  GROUP BY
    `post_year`,
    `category`
),
`ranked_in_each_post_year` AS (
  SELECT
    `post_year`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `post_year`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_post_year_and_category`
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
`follower_count_by_country_and_poster_name` AS (
  SELECT
    `country`,
    `poster_name`,
    max(`follower_count`) AS `follower_count`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
  WHERE (`country` IS NOT NULL)
    AND (`poster_name` IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  GROUP BY
    `country`,
    `poster_name`
),
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM `follower_count_by_country_and_poster_name`
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
`follower_count_by_country_and_poster_name` AS (
  SELECT
    `country`,
    `poster_name`,
    max(`follower_count`) AS `follower_count`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
  WHERE (`country` IS NOT NULL)
    AND (`poster_name` IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  GROUP BY
    `country`,
    `poster_name`
),
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM `follower_count_by_country_and_poster_name`
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
`age_group_and_category_of_pin_with_user` AS (
  SELECT
    CASE
      WHEN `age` < 18 THEN NULL
      WHEN `age` <= 24 THEN '18-24'
      WHEN `age` <= 35 THEN '25-35'
      WHEN `age` <= 50 THEN '36-50'
      WHEN `age` > 50 THEN '50+'
    END AS `age_group`,
    `category`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
),
`counted_by_age_group_and_category` AS (
  SELECT
    `age_group`,
    `category`,
    count(*) AS `category_count`
  FROM `age_group_and_category_of_pin_with_user`
  WHERE (`age_group` IS NOT NULL)
    AND (`category` IS NOT NULL)
  GROUP BY
    `age_group`,
    `category`
),
`ranked_in_each_age_group` AS (
  SELECT
    `age_group`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `age_group`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_age_group_and_category`
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
WITH
`age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
    CASE
      WHEN `age` < 18 THEN NULL
      WHEN `age` <= 24 THEN '18-24'
      WHEN `age` <= 35 THEN '25-35'
      WHEN `age` <= 50 THEN '36-50'
      WHEN `age` > 50 THEN '50+'
    END AS `age_group`,
    `follower_count`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
)
SELECT
  `age_group`,
  median(`follower_count`) AS `median_follower_count`
FROM `age_group_and_follower_count_of_pin_with_user`
WHERE (`age_group` IS NOT NULL)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `age_group`
ORDER BY
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## How many users joined in each year from 2015 to 2020?

# COMMAND ----------

GOLD["users_joined_by_year"] = r"""
WITH
`join_year_and_user_name_and_date_joined_of_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    `user_name`,
    `date_joined`
  FROM `user`
)
SELECT
  `join_year`,
  count(DISTINCT `user_name`, `date_joined`) AS `number_users_joined`
FROM `join_year_and_user_name_and_date_joined_of_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`user_name` IS NOT NULL)
GROUP BY
  `join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count of users by the year in which they joined, 2015 to 2020?

# COMMAND ----------

GOLD["median_followers_by_join_year"] = r"""
WITH
`join_year_and_follower_count_of_pin_with_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    `follower_count`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
)
SELECT
  `join_year`,
  median(`follower_count`) AS `median_follower_count`
FROM `join_year_and_follower_count_of_pin_with_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `join_year`
ORDER BY
  `join_year` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is the median follower count by joining year, 2015 to 2020, and age group?

# COMMAND ----------

GOLD["median_followers_by_join_year_and_age_group"] = r"""
WITH
`join_year_and_age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    CASE
      WHEN `age` < 18 THEN NULL
      WHEN `age` <= 24 THEN '18-24'
      WHEN `age` <= 35 THEN '25-35'
      WHEN `age` <= 50 THEN '36-50'
      WHEN `age` > 50 THEN '50+'
    END AS `age_group`,
    `follower_count`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
)
SELECT
  `join_year`,
  `age_group`,
  median(`follower_count`) AS `median_follower_count`
FROM `join_year_and_age_group_and_follower_count_of_pin_with_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`age_group` IS NOT NULL)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `join_year`,
  `age_group`
ORDER BY
  `join_year` ASC,
  `age_group` ASC
"""

# COMMAND ----------

# MAGIC %md
# MAGIC ## Files that have not been read yet

# COMMAND ----------

import re
from functools import reduce

from pyspark.sql import DataFrame, functions as F

FILES_READ = f"{lake}/files_read"
FILES_COLUMNS = "dataset STRING, file STRING, size BIGINT, modified BIGINT, rules STRING"
# Spark writes paths with or without a scheme, but always with what follows it.
TOPICS = re.sub(r"^[A-Za-z0-9]+:/*", "/", landing) + "/topics/"


def relative(location):
    """The column of a path from `topics/` on."""
    return F.expr(f"concat('topics/', substring_index({location}, {quoted(TOPICS)}, -1))")


def quoted(text):
    """Text as a literal of Spark SQL."""
    escaped = "".join(f"\\u{ord(c):04x}" if c in "\\'\"$" else c for c in text)
    return f"'{escaped}'"


def landing_files():
    """All landing files: dataset, file (from `topics/` on), location, size in bytes, modified in ms since 1970."""
    found = (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.json")
        .load(f"{landing}/topics")
        .select(
            relative("path").alias("file"),
            F.col("path").alias("location"),
            F.col("length").alias("size"),
            F.unix_millis("modificationTime").alias("modified"),
        )
    )
    # A topic is named after its dataset, perhaps behind a user prefix and a point.
    topic = F.when(F.size(F.split("file", "/")) > 2, F.split("file", "/")[1])
    return found.withColumn("dataset", F.element_at(F.split(topic, "[.]"), -1)).where(F.col("dataset").isin(*DECODE))


def lines_of(locations):
    """The lines of files: file, text. Only \\n ends a line."""
    # The path that Spark tells is encoded as in a URL, where a plus sign stays as it is.
    path = "url_decode(replace(_metadata.file_path, '+', '%2B'))"
    lines = spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true").text(locations)
    return lines.select(relative(path).alias("file"), F.col("value").alias("text"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver and quarantine

# COMMAND ----------

from delta.tables import DeltaTable


def create_if_missing(session, path, columns):
    """Makes an empty Delta table at a path, unless there is one.

    Without deletion vectors, which runtimes of Databricks turn on by default and other readers may not know.
    """
    properties = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"
    session.sql(f"CREATE TABLE IF NOT EXISTS delta.`{path}` ({columns}) USING DELTA {properties}")


def store_as_delta(session, rows, path, key):
    """Adds the rows that the table does not hold yet: done twice, it is as if done once.

    The rows must differ in their key, for an insert-only merge does not compare them with each other.
    """
    same = " AND ".join(f"kept.`{column}` <=> new.`{column}`" for column in key)
    merge = DeltaTable.forPath(session, path).alias("kept").merge(rows.alias("new"), same)
    merge.whenNotMatchedInsertAll().execute()

# COMMAND ----------

def persisted(rows):
    """The rows, kept until they are let go; serverless compute refuses that, and makes them again."""
    try:
        return rows.persist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
        return rows


def let_go(rows):
    """Lets go of rows that were kept."""
    try:
        rows.unpersist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise

# COMMAND ----------

QUARANTINE_COLUMNS = "file STRING, text STRING, reason STRING"


def replace_quarantined(bad, files, path):
    """Quarantines lines in place of what the table holds of their files."""
    table = DeltaTable.forPath(spark, path)
    # Most often it holds nothing of them: they are new.
    if not table.toDF().join(files, "file", "left_semi").isEmpty():
        table.alias("kept").merge(files.select("file").alias("new"), "kept.file = new.file").whenMatchedDelete().execute()
    if not bad.isEmpty():
        bad.write.format("delta").mode("append").save(path)


def read_landing(dataset, files, anew):
    """Adds what landing files hold to a dataset's silver and quarantine, or, anew, replaces both by it."""
    silver, quarantine = f"{lake}/silver/{dataset}", f"{lake}/quarantine/{dataset}"
    create_if_missing(spark, silver, COLUMNS[dataset])
    create_if_missing(spark, quarantine, QUARANTINE_COLUMNS)
    locations = [row.location for row in files.select("location").collect()]
    if not locations:
        return
    lines_of(locations).createOrReplaceTempView(f"{dataset}_lines")
    decoded = persisted(spark.sql(DECODE[dataset]))
    try:
        decoded.where("reason IS NULL").select("raw.*").createOrReplaceTempView(f"{dataset}_raw")
        cleaned = spark.sql(CLEAN[dataset])
        bad = decoded.where("reason IS NOT NULL").select("file", "text", "reason")
        if anew:
            overwrite(cleaned, silver)
            overwrite(bad, quarantine)
        else:
            store_as_delta(spark, cleaned, silver, cleaned.columns)
            replace_quarantined(bad, files, quarantine)
    finally:
        let_go(decoded)


def overwrite(rows, path):
    """Replaces a table in one commit."""
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.option("delta.enableDeletionVectors", "false").save(path)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Answers in the catalog

# COMMAND ----------

tables = dbutils.widgets.get("tables").strip()


def show_in_catalog(query):
    """Makes an answer's table, where it is missing, and tells the catalog of columns that have changed."""
    if tables:
        table = ".".join(f"`{name}`" for name in [*tables.split("."), query])
        spark.sql(f"CREATE TABLE IF NOT EXISTS {table} USING DELTA LOCATION {quoted(f'{lake}/gold/{query}')}")
        spark.sql(f"REPAIR TABLE {table} SYNC METADATA")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run

# COMMAND ----------

def announce_rules(dataset, recorded):
    """Records by which rules silver is made, before it is, in a line without a file: if this run is killed, and a rule
    changes before the next, that one must know that silver may hold rows of other rules."""
    if recorded.where(F.col("file").isNull() & (F.col("rules") == RULES[dataset])).isEmpty():
        line = spark.createDataFrame([(dataset, None, None, None, RULES[dataset])], FILES_COLUMNS)
        line.write.format("delta").mode("append").save(FILES_READ)


create_if_missing(spark, FILES_READ, FILES_COLUMNS)
found = persisted(landing_files())
if found.isEmpty():
    raise FileNotFoundError(
        f"There are no landing files in {landing}: they are named like topics/pin/partition=0/pin+0+0000000000.json."
    )

files_read = spark.read.format("delta").load(FILES_READ)
read_now = []
for dataset in DECODE:
    present = found.where(F.col("dataset") == dataset)
    recorded = files_read.where(F.col("dataset") == dataset)
    anew = not recorded.where(F.col("rules") != RULES[dataset]).isEmpty()
    if anew:
        gone = recorded.where("file IS NOT NULL").join(present, "file", "left_anti").count()
        if gone > 0:
            raise RuntimeError(
                f"A rule of {dataset} has changed, and {gone} of the files that were read are no longer in {landing}: "
                f"bring them back, or move {lake}/silver/{dataset}, {lake}/quarantine/{dataset} and {FILES_READ} away."
            )
        new = present
    else:
        new = present.join(recorded, ["file", "size", "modified"], "left_anti")
    # What is listed now is what is read and recorded, whatever lands meanwhile.
    rows = [(dataset, row.file, row.location, row.size, row.modified, RULES[dataset]) for row in new.collect()]
    new = spark.createDataFrame(rows, "dataset STRING, file STRING, location STRING, size BIGINT, modified BIGINT, rules STRING")
    if anew or (rows and recorded.isEmpty()):
        announce_rules(dataset, recorded)
    read_landing(dataset, new, anew)
    read_now.append(new.drop("location"))
    print(f"{dataset}: {len(rows)} of {present.count()} landing files read now{' (a rule has changed)' if anew else ''}")

for dataset in DECODE:
    spark.read.format("delta").load(f"{lake}/silver/{dataset}").createOrReplaceTempView(dataset)
for query, statement in GOLD.items():
    overwrite(spark.sql(statement).coalesce(1), f"{lake}/gold/{query}")
    print(query)
    show_in_catalog(query)
    display(spark.read.format("delta").load(f"{lake}/gold/{query}"))

# Last: what says that all of this is done.
read = DeltaTable.forPath(spark, FILES_READ).alias("kept").merge(
    reduce(DataFrame.unionByName, read_now).alias("new"), "kept.dataset = new.dataset AND kept.file = new.file"
)
done = read.whenMatchedUpdateAll().whenNotMatchedInsertAll()
announced = F.col("kept.file").isNull() & F.col("kept.dataset").isin(*DECODE)
done.whenNotMatchedBySourceDelete(announced).execute()
let_go(found)
