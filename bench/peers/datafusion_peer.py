"""DataFusion: landing JSON → cleaned tables → nine answers, in SQL.

Left out, because its JSON reader cannot do it: a malformed line ends the run, and so does a value of the wrong kind; a line without a
key is dropped and not kept in quarantine; a number in quotes passes as a number, and 1.5 as the integer 1.
"""

from arrow_schemas import RAW
from common import LARGEST_INTEGER, datasets, main
from datafusion import SessionContext


def known(column, *unknown):
    """A string, or null when it is blank or one of the strings that mean "unknown"."""
    unless = "".join(f" AND {column} <> '{text}'" for text in unknown)
    return rf"CASE WHEN btrim({column}, E' \t\n\r') <> ''{unless} THEN {column} END"


def follower_count(column):
    """Scales and truncates a string rather than a number, which is exact."""
    # A group that may be empty, not absent: regexp_match leaves absent ones out of its list.
    parts = rf"regexp_match({column}, '^[ \t\n\r]*([0-9]+)((?:\.[0-9]+)?)([kKmMbB]?)[ \t\n\r]*$')"
    zeros = f"CASE lower({parts}[3]) WHEN 'k' THEN 3 WHEN 'm' THEN 6 WHEN 'b' THEN 9 ELSE 0 END"
    digits = f"{parts}[1] || rpad(substr({parts}[2], 2, {zeros}), {zeros}, '0')"
    count = f"TRY_CAST({digits} AS BIGINT)"
    return f"CASE WHEN {count} <= {LARGEST_INTEGER} THEN {count} END"


def time_of(column):
    # A cast takes second 60 for 59.
    form = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-9]{2}:[0-5][0-9]$"
    return f"CASE WHEN {column} >= '0001' AND {column} ~ '{form}' THEN TRY_CAST({column} AS TIMESTAMP(6)) END"


AGE_GROUP = """CASE WHEN age BETWEEN 18 AND 24 THEN '18-24' WHEN age BETWEEN 25 AND 35 THEN '25-35'
  WHEN age BETWEEN 36 AND 50 THEN '36-50' WHEN age >= 51 THEN '50+' END"""

CLEAN = {
    "pin": f"""
      index AS ind,
      {known("unique_id")} AS unique_id,
      {known("title", "No Title Data Available")} AS title,
      CASE WHEN NOT starts_with(description, 'No description available') THEN {known("description")} END AS description,
      {follower_count("follower_count")} AS follower_count,
      {known("poster_name", "User Info Error")} AS poster_name,
      {known("tag_list", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e")} AS tag_list,
      {known("is_image_or_video")} AS is_image_or_video,
      {known("image_src", "Image src error.", "Image src error")} AS image_src,
      {known("regexp_replace(save_location, '^Local save in ', '')")} AS save_location,
      {known("category")} AS category""",
    # Adding 0 turns −0 into 0.
    "geo": f"""
      ind,
      {known("country")} AS country,
      CASE WHEN latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
        THEN make_array(latitude + 0.0, longitude + 0.0) END AS coordinates,
      {time_of('"timestamp"')} AS "timestamp\"""",
    "user": f"""
      ind,
      nullif(concat_ws(' ', {known("first_name")}, {known("last_name")}), '') AS user_name,
      age,
      {time_of("date_joined")} AS date_joined""",
}

TOP_USERS = """
  SELECT country, poster_name, max(follower_count) AS follower_count
  FROM pin JOIN geo USING (ind)
  WHERE country IS NOT NULL AND poster_name IS NOT NULL AND follower_count IS NOT NULL
  GROUP BY country, poster_name
  QUALIFY row_number() OVER (PARTITION BY country ORDER BY max(follower_count) DESC, poster_name) = 1"""


def most_popular_category(group, rows):
    return f"""
      SELECT {group}, category, count(*) AS category_count FROM ({rows}) WHERE category IS NOT NULL
      GROUP BY {group}, category
      QUALIFY row_number() OVER (PARTITION BY {group} ORDER BY count(*) DESC, category) = 1
      ORDER BY {group}"""


def median_followers(groups, where):
    return f"""
      SELECT {groups}, median(follower_count) AS median_follower_count
      FROM (SELECT date_part('year', date_joined) AS join_year, {AGE_GROUP} AS age_group, follower_count
            FROM pin JOIN user USING (ind))
      WHERE {where} AND follower_count IS NOT NULL
      GROUP BY {groups} ORDER BY {groups}"""


QUERIES = {
    "most_popular_category_by_country": most_popular_category(
        "country", "SELECT country, category FROM pin JOIN geo USING (ind) WHERE country IS NOT NULL"
    ),
    "most_popular_category_by_year": most_popular_category(
        "post_year",
        """SELECT date_part('year', "timestamp") AS post_year, category FROM pin JOIN geo USING (ind)
           WHERE date_part('year', "timestamp") BETWEEN 2018 AND 2022""",
    ),
    "top_user_by_country": f"{TOP_USERS} ORDER BY country",
    "country_with_top_user": f"SELECT * FROM ({TOP_USERS}) ORDER BY follower_count DESC, country, poster_name LIMIT 1",
    "most_popular_category_by_age_group": most_popular_category(
        "age_group", f"SELECT {AGE_GROUP} AS age_group, category FROM pin JOIN user USING (ind) WHERE age >= 18"
    ),
    "median_followers_by_age_group": median_followers("age_group", "age_group IS NOT NULL"),
    "users_joined_by_year": """
      SELECT date_part('year', date_joined) AS join_year, count(*) AS number_users_joined
      FROM (SELECT DISTINCT user_name, date_joined FROM user
            WHERE user_name IS NOT NULL AND date_part('year', date_joined) BETWEEN 2015 AND 2020)
      GROUP BY join_year ORDER BY join_year""",
    "median_followers_by_join_year": median_followers("join_year", "join_year BETWEEN 2015 AND 2020"),
    "median_followers_by_join_year_and_age_group": median_followers(
        "join_year, age_group", "join_year BETWEEN 2015 AND 2020 AND age_group IS NOT NULL"
    ),
}


def connect(work):
    database = SessionContext()
    for dataset in datasets:
        # The folder, because a glob does not match folders with = in their names, as partitions have it.
        database.register_json(f"raw_{dataset}", f"{work.landing}/topics/{dataset}/", schema=RAW[dataset])
    return database


def run(database, statement):
    return database.sql(statement).collect()


def answer(work):
    database = connect(work)
    with work.stage("read"):
        for dataset in datasets:
            key = RAW[dataset].names[0]
            rows = f"SELECT DISTINCT {CLEAN[dataset]} FROM raw_{dataset} WHERE {key} IS NOT NULL"
            run(database, f"CREATE TABLE {dataset} AS {rows}")
    with work.stage("answers"):
        answers = {name: database.sql(query).to_pylist() for name, query in QUERIES.items()}
    if work.tables:
        with work.stage("write"):
            for dataset in datasets:
                run(database, f"COPY {dataset} TO '{work.table('silver', dataset)}.parquet'")
            for name, query in QUERIES.items():
                run(database, f"COPY ({query}) TO '{work.table('gold', name)}.parquet'")
    return answers


def decode(work):
    database = connect(work)
    with work.stage("decode"):
        for dataset in datasets:
            run(database, f"CREATE TABLE {dataset} AS SELECT * FROM raw_{dataset}")


if __name__ == "__main__":
    main(answer, decode)
