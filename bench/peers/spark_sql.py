"""The SQL that PySpark and Sail share: the same Spark SQL, with ANSI mode on and times in UTC.

Left out, because the JSON readers cannot do it: a malformed line is dropped by Spark, which does not see what follows a line's first
object, and ends Sail's run; a line without a key is dropped. Neither keeps them in quarantine.
"""

from common import datasets

RAW = {
    "pin": "index BIGINT, unique_id STRING, title STRING, description STRING, poster_name STRING, follower_count STRING, "
    "tag_list STRING, is_image_or_video STRING, image_src STRING, save_location STRING, category STRING",
    "geo": "ind BIGINT, timestamp STRING, latitude DOUBLE, longitude DOUBLE, country STRING",
    "user": "ind BIGINT, first_name STRING, last_name STRING, age BIGINT, date_joined STRING",
}

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}

BLANKS = r"' \t\n\r'"


def known(column, *unknown):
    """A string, or null when it is blank or one of the strings that mean "unknown"."""
    unless = "".join(f" AND {column} <> '{text}'" for text in unknown)
    return f"CASE WHEN trim(BOTH {BLANKS} FROM {column}) <> ''{unless} THEN {column} END"


COUNT = r"'^[ \\t\\n\\r]*([0-9]+)(?:\\.([0-9]+))?([kKmMbB])?[ \\t\\n\\r]*\\z'"


def follower_count(column):
    """Scales and truncates a string rather than a number, which is exact."""
    whole, fraction, unit = (f"regexp_extract({column}, {COUNT}, {part})" for part in (1, 2, 3))
    zeros = f"CASE lower({unit}) WHEN 'k' THEN 3 WHEN 'm' THEN 6 WHEN 'b' THEN 9 ELSE 0 END"
    digits = f"concat({whole}, rpad(substring({fraction}, 1, {zeros}), {zeros}, '0'))"
    return f"CASE WHEN try_cast({digits} AS BIGINT) <= 9007199254740991 THEN try_cast({digits} AS BIGINT) END"


TIME = r"'^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\\z'"


def time_of(column):
    return f"CASE WHEN {column} >= '0001' AND {column} RLIKE {TIME} THEN try_cast({column} AS TIMESTAMP) END"


AGE_GROUP = """CASE WHEN age BETWEEN 18 AND 24 THEN '18-24' WHEN age BETWEEN 25 AND 35 THEN '25-35'
  WHEN age BETWEEN 36 AND 50 THEN '36-50' WHEN age >= 51 THEN '50+' END"""

CLEAN = {
    "pin": f"""
      SELECT index AS ind,
        {known("unique_id")} AS unique_id,
        {known("title", "No Title Data Available")} AS title,
        CASE WHEN NOT startswith(description, 'No description available') THEN {known("description")} END AS description,
        {follower_count("follower_count")} AS follower_count,
        {known("poster_name", "User Info Error")} AS poster_name,
        {known("tag_list", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e")} AS tag_list,
        {known("is_image_or_video")} AS is_image_or_video,
        {known("image_src", "Image src error.", "Image src error")} AS image_src,
        {known("regexp_replace(save_location, '^Local save in ', '')")} AS save_location,
        {known("category")} AS category
      FROM raw_pin WHERE index IS NOT NULL""",
    # Adding 0 turns −0 into 0.
    "geo": f"""
      SELECT ind,
        {known("country")} AS country,
        CASE WHEN latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
          THEN array(latitude + 0.0D, longitude + 0.0D) END AS coordinates,
        {time_of("timestamp")} AS timestamp
      FROM raw_geo WHERE ind IS NOT NULL""",
    "user": f"""
      SELECT ind,
        nullif(concat_ws(' ', {known("first_name")}, {known("last_name")}), '') AS user_name,
        age,
        {time_of("date_joined")} AS date_joined
      FROM raw_user WHERE ind IS NOT NULL""",
}


def top_of_each(group, text, number, query):
    """The row of each group with the highest number; of equal ones, the one whose string sorts first."""
    return f"""
      SELECT {group}, {text}, {number} FROM (
        SELECT *, row_number() OVER (PARTITION BY {group} ORDER BY {number} DESC, {text}) AS place FROM ({query})
      ) WHERE place = 1"""


TOP_USERS = top_of_each(
    "country",
    "poster_name",
    "follower_count",
    """SELECT country, poster_name, max(follower_count) AS follower_count
       FROM pin JOIN geo USING (ind)
       WHERE country IS NOT NULL AND poster_name IS NOT NULL AND follower_count IS NOT NULL
       GROUP BY country, poster_name""",
)


def most_popular_category(group, value, dataset, known_group):
    counts = f"""SELECT {group}, category, count(*) AS category_count
       FROM (SELECT {value} AS {group}, category FROM pin JOIN {dataset} USING (ind))
       WHERE {known_group} AND category IS NOT NULL
       GROUP BY {group}, category"""
    return f"{top_of_each(group, 'category', 'category_count', counts)} ORDER BY {group}"


def median_followers(**groups):
    values = ", ".join(f"{value} AS {group}" for group, value in groups.items())
    names = ", ".join(groups)
    kept = " AND ".join(KEPT[group] for group in groups)
    return f"""
      SELECT {names}, median(follower_count) AS median_follower_count
      FROM (SELECT {values}, follower_count FROM pin JOIN user USING (ind))
      WHERE {kept} AND follower_count IS NOT NULL
      GROUP BY {names} ORDER BY {names}"""


KEPT = {"age_group": "age_group IS NOT NULL", "join_year": "join_year BETWEEN 2015 AND 2020"}

QUERIES = {
    "most_popular_category_by_country": most_popular_category("country", "country", "geo", "country IS NOT NULL"),
    "most_popular_category_by_year": most_popular_category(
        "post_year", "year(timestamp)", "geo", "post_year BETWEEN 2018 AND 2022"
    ),
    "top_user_by_country": f"{TOP_USERS} ORDER BY country",
    "country_with_top_user": f"SELECT * FROM ({TOP_USERS}) ORDER BY follower_count DESC, country, poster_name LIMIT 1",
    "most_popular_category_by_age_group": most_popular_category(
        "age_group", AGE_GROUP, "user", "age_group IS NOT NULL"
    ),
    "median_followers_by_age_group": median_followers(age_group=AGE_GROUP),
    "users_joined_by_year": """
      SELECT year(date_joined) AS join_year, count(DISTINCT user_name, date_joined) AS number_users_joined
      FROM user WHERE user_name IS NOT NULL AND year(date_joined) BETWEEN 2015 AND 2020
      GROUP BY year(date_joined) ORDER BY join_year""",
    "median_followers_by_join_year": median_followers(join_year="year(date_joined)"),
    "median_followers_by_join_year_and_age_group": median_followers(join_year="year(date_joined)", age_group=AGE_GROUP),
}


def read(spark, work, dataset):
    """The landing files of a dataset as they are."""
    return spark.read.schema(RAW[dataset]).json(f"{work.landing}/topics/{dataset}")


def cleaned(spark, raw, dataset):
    """The cleaned table of raw rows, distinct rows."""
    raw.createOrReplaceTempView(f"raw_{dataset}")
    return spark.sql(CLEAN[dataset]).dropDuplicates()


def answers_of(spark):
    return {name: [row.asDict() for row in spark.sql(query).collect()] for name, query in QUERIES.items()}


def decode(spark, work):
    """Reads the JSON into columns and discards them."""
    with work.stage("decode"):
        for dataset in datasets:
            read(spark, work, dataset).write.format("noop").mode("overwrite").save()
