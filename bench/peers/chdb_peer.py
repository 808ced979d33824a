"""chDB, which is ClickHouse in this process: landing JSON → cleaned tables → nine answers, in its SQL.

Left out, because JSONEachRow cannot do it: a malformed line or one without a key is skipped, not kept in quarantine, and so are
lines behind one that is cut short; a file that begins with [ ends the run. A number in quotes passes as a number; true
passes as 1, and an integer beyond 64 bits is wrapped.
"""

import json

import chdb
from common import datasets, main

RAW = {
    "pin": {
        "index": "Int64",
        "unique_id": "String",
        "title": "String",
        "description": "String",
        "poster_name": "String",
        "follower_count": "String",
        "tag_list": "String",
        "is_image_or_video": "String",
        "image_src": "String",
        "save_location": "String",
        "category": "String",
    },
    "geo": {
        "ind": "Int64",
        "timestamp": "String",
        "latitude": "Float64",
        "longitude": "Float64",
        "country": "String",
    },
    "user": {
        "ind": "Int64",
        "first_name": "String",
        "last_name": "String",
        "age": "Int64",
        "date_joined": "String",
    },
}

FUNCTIONS = {
    "known": r"given -> if(trimBoth(given, ' \t\n\r') = '', NULL, given)",
    "unless": "(given, isUnknown) -> if(isUnknown, NULL, given)",
    "follower_parts": r"""given ->
      extractGroups(ifNull(given, ''), '^[ \t\n\r]*([0-9]+)(?:\\.([0-9]+))?([kKmMbB])?[ \t\n\r]*$')""",
    "zeros_of": "unit -> transform(lower(unit), ['k', 'm', 'b'], [3, 6, 9], 0)",
    # Text, not a number, is scaled and cut: that is exact.
    "scaled": "(whole, fraction, zeros) -> toInt64OrNull(concat(whole, rightPad(left(fraction, zeros), zeros, '0')))",
    "counted": "parts -> scaled(parts[1], parts[2], zeros_of(parts[3]))",
    "within_integers": "number -> if(number <= 9007199254740991, number, NULL)",
    "follower_count": "given -> within_integers(counted(follower_parts(given)))",
    "time_of": """given -> if(
      given >= '0001' AND match(given, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}$'),
      parseDateTime64OrNull(replaceOne(given, 'T', ' '), '%Y-%m-%d %H:%i:%S', 'UTC'), NULL)""",
    "age_group": """age -> multiIf(
      age BETWEEN 18 AND 24, '18-24', age BETWEEN 25 AND 35, '25-35', age BETWEEN 36 AND 50, '36-50', age >= 51, '50+', NULL)""",
}

CLEAN = {
    "pin": """
      assumeNotNull(index) AS ind,
      known(unique_id) AS unique_id,
      unless(known(title), title = 'No Title Data Available') AS title,
      unless(known(description), startsWith(description, 'No description available')) AS description,
      follower_count(follower_count) AS follower_count,
      unless(known(poster_name), poster_name = 'User Info Error') AS poster_name,
      unless(known(tag_list), tag_list = 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e') AS tag_list,
      known(is_image_or_video) AS is_image_or_video,
      unless(known(image_src), image_src IN ('Image src error.', 'Image src error')) AS image_src,
      known(if(startsWith(save_location, 'Local save in '), substring(save_location, 15), save_location)) AS save_location,
      known(category) AS category""",
    # Adding 0 turns −0 into 0.
    "geo": """
      assumeNotNull(ind) AS ind,
      known(country) AS country,
      if(latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180,
        (assumeNotNull(latitude) + 0.0, assumeNotNull(longitude) + 0.0), NULL) AS coordinates,
      time_of(timestamp) AS timestamp""",
    "user": """
      assumeNotNull(ind) AS ind,
      coalesce(concat(known(first_name), ' ', known(last_name)), known(first_name), known(last_name)) AS user_name,
      age,
      time_of(date_joined) AS date_joined""",
}

TOP_USERS = """
  SELECT country, poster_name, max(follower_count) AS follower_count
  FROM pin JOIN geo USING (ind)
  WHERE country IS NOT NULL AND poster_name IS NOT NULL AND follower_count IS NOT NULL
  GROUP BY country, poster_name
  ORDER BY country, max(follower_count) DESC, poster_name
  LIMIT 1 BY country"""

# quantileExactInclusive is the median: the other quantiles are estimates, or take one of the two middle values.
QUERIES = {
    "most_popular_category_by_country": """
      SELECT country, category, count() AS category_count
      FROM pin JOIN geo USING (ind)
      WHERE country IS NOT NULL AND category IS NOT NULL
      GROUP BY country, category
      ORDER BY country, category_count DESC, category
      LIMIT 1 BY country""",
    "most_popular_category_by_year": """
      SELECT toYear(timestamp) AS post_year, category, count() AS category_count
      FROM pin JOIN geo USING (ind)
      WHERE post_year BETWEEN 2018 AND 2022 AND category IS NOT NULL
      GROUP BY post_year, category
      ORDER BY post_year, category_count DESC, category
      LIMIT 1 BY post_year""",
    "top_user_by_country": TOP_USERS,
    "country_with_top_user": f"SELECT * FROM ({TOP_USERS}) ORDER BY follower_count DESC, country, poster_name LIMIT 1",
    "most_popular_category_by_age_group": """
      SELECT age_group(age) AS age_group, category, count() AS category_count
      FROM pin JOIN user USING (ind)
      WHERE age >= 18 AND category IS NOT NULL
      GROUP BY age_group, category
      ORDER BY age_group, category_count DESC, category
      LIMIT 1 BY age_group""",
    "median_followers_by_age_group": """
      SELECT age_group(age) AS age_group, quantileExactInclusive(0.5)(follower_count) AS median_follower_count
      FROM pin JOIN user USING (ind)
      WHERE age >= 18 AND follower_count IS NOT NULL
      GROUP BY age_group ORDER BY age_group""",
    "users_joined_by_year": """
      SELECT toYear(date_joined) AS join_year, count() AS number_users_joined
      FROM (SELECT DISTINCT user_name, date_joined FROM user
            WHERE user_name IS NOT NULL AND toYear(date_joined) BETWEEN 2015 AND 2020)
      GROUP BY join_year ORDER BY join_year""",
    "median_followers_by_join_year": """
      SELECT toYear(date_joined) AS join_year, quantileExactInclusive(0.5)(follower_count) AS median_follower_count
      FROM pin JOIN user USING (ind)
      WHERE join_year BETWEEN 2015 AND 2020 AND follower_count IS NOT NULL
      GROUP BY join_year ORDER BY join_year""",
    "median_followers_by_join_year_and_age_group": """
      SELECT toYear(date_joined) AS join_year, age_group(age) AS age_group,
        quantileExactInclusive(0.5)(follower_count) AS median_follower_count
      FROM pin JOIN user USING (ind)
      WHERE join_year BETWEEN 2015 AND 2020 AND age >= 18 AND follower_count IS NOT NULL
      GROUP BY join_year, age_group ORDER BY join_year, age_group""",
}


def connect():
    database = chdb.connect(":memory:")
    for name, function in FUNCTIONS.items():
        database.query(f"CREATE OR REPLACE FUNCTION {name} AS {function}")
    # A cleaned column has the name of the raw one that it is made from.
    database.query("SET prefer_column_name_to_alias = 1")
    database.query("SET input_format_allow_errors_ratio = 1")
    # As the other peers do, it replaces tables that are there.
    database.query("SET engine_file_truncate_on_insert = 1")
    return database


def raw(dataset, files):
    columns = ", ".join(f"{name} Nullable({type})" for name, type in RAW[dataset].items())
    return f"file('{files}', JSONEachRow, '{columns}')"


def cleaned(dataset, files):
    """The cleaned table of some landing files, distinct rows."""
    key = next(iter(RAW[dataset]))
    return f"SELECT DISTINCT {CLEAN[dataset]} FROM {raw(dataset, files)} WHERE {key} IS NOT NULL"


def answer(work):
    database = connect()
    with work.stage("read"):
        for dataset in datasets:
            database.query(f"CREATE OR REPLACE TABLE {dataset} ENGINE = Memory AS {cleaned(dataset, work.files(dataset))}")
    with work.stage("answers"):
        answers = {name: json.loads(str(database.query(query, "JSON")))["data"] for name, query in QUERIES.items()}
    if work.tables:
        with work.stage("write"):
            for dataset in datasets:
                write(database, f"SELECT * FROM {dataset}", work.table("silver", dataset))
            for name, query in QUERIES.items():
                write(database, query, work.table("gold", name))
    database.close()
    return answers


def write(database, query, table):
    database.query(f"INSERT INTO FUNCTION file('{table}.parquet', Parquet) {query}")


def decode(work):
    database = connect()
    with work.stage("decode"):
        for dataset in datasets:
            database.query(f"CREATE TABLE raw_{dataset} ENGINE = Memory AS SELECT * FROM {raw(dataset, work.files(dataset))}")
    database.close()


if __name__ == "__main__":
    main(answer, decode)
