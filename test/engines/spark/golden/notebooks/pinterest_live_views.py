# Databricks notebook source
# MAGIC %md
# MAGIC # The answers, live
# MAGIC Written by `npm run notebooks` from the definitions of queries: change those, not this.
# MAGIC
# MAGIC Views over the rows that `pinterest_streaming_data` stores: whoever asks them gets the answers of that moment.

# COMMAND ----------

dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("schema", "pinterest_live", "Schema of the views, perhaps behind a catalog and a point")

# COMMAND ----------

def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")


lake = required("lake")
schema = ".".join(f"`{part}`" for part in required("schema").split("."))
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

# COMMAND ----------

COLUMNS = {
    "pin": "`ind` BIGINT, `unique_id` STRING, `title` STRING, `description` STRING, `follower_count` BIGINT, `poster_name` STRING, `tag_list` STRING, `is_image_or_video` STRING, `image_src` STRING, `save_location` STRING, `category` STRING",
    "geo": "`ind` BIGINT, `country` STRING, `coordinates` ARRAY<DOUBLE>, `timestamp` TIMESTAMP",
    "user": "`ind` BIGINT, `user_name` STRING, `age` BIGINT, `date_joined` TIMESTAMP",
}

# COMMAND ----------

VIEWS = {}

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which category is posted most in each country?

# COMMAND ----------

VIEWS["most_popular_category_by_country"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_country`
COMMENT 'Which category is posted most in each country?'
AS
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

VIEWS["most_popular_category_by_year"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_year`
COMMENT 'Which category was posted most in each year from 2018 to 2022?'
AS
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

VIEWS["top_user_by_country"] = r"""
CREATE OR REPLACE VIEW `top_user_by_country`
COMMENT 'Who has the most followers in each country?'
AS
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

VIEWS["country_with_top_user"] = r"""
CREATE OR REPLACE VIEW `country_with_top_user`
COMMENT 'In which country is the user with the most followers?'
AS
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

VIEWS["most_popular_category_by_age_group"] = r"""
CREATE OR REPLACE VIEW `most_popular_category_by_age_group`
COMMENT 'Which category is posted most in each age group?'
AS
WITH
`age_group_and_category_of_pin_with_user` AS (
  SELECT
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
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

VIEWS["median_followers_by_age_group"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_age_group`
COMMENT 'What is the median follower count in each age group?'
AS
WITH
`age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
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

VIEWS["users_joined_by_year"] = r"""
CREATE OR REPLACE VIEW `users_joined_by_year`
COMMENT 'How many users joined in each year from 2015 to 2020?'
AS
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

VIEWS["median_followers_by_join_year"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_join_year`
COMMENT 'What is the median follower count of users by the year in which they joined, 2015 to 2020?'
AS
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

VIEWS["median_followers_by_join_year_and_age_group"] = r"""
CREATE OR REPLACE VIEW `median_followers_by_join_year_and_age_group`
COMMENT 'What is the median follower count by joining year, 2015 to 2020, and age group?'
AS
WITH
`join_year_and_age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
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
# MAGIC ## The run

# COMMAND ----------

spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
spark.sql(f"USE {schema}")

# Views cannot name a path in every catalog, so the silver tables get a name beside them.
for dataset, columns in COLUMNS.items():
    location = f"{lake}/stream/silver/{dataset}"
    # A temporary view of that name would hide the table.
    spark.catalog.dropTempView(dataset)
    written = location.replace("\\", "\\\\").replace("'", "\\'")
    spark.sql(f"CREATE TABLE IF NOT EXISTS `{dataset}` ({columns}) USING DELTA LOCATION '{written}'")
    found = spark.sql(f"DESCRIBE DETAIL `{dataset}`").first()["location"]
    if not found.rstrip("/").endswith(location.split(":")[-1].lstrip("/")):
        raise ValueError(f"The table {schema}.{dataset} lies at {found}, not at {location}: drop it, or choose another schema.")

for view, statement in VIEWS.items():
    spark.sql(statement)
    print(view)
    display(spark.table(f"`{view}`"))
