"""pandas: landing JSON → cleaned tables → nine answers, with Arrow's reader and Arrow's columns.

Left out, because Arrow's JSON reader cannot do it: a malformed line ends the run, and so does a number of the wrong kind.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
from arrow_schemas import RAW
from common import AGE_GROUPS, LARGEST_INTEGER, datasets, main

BLANKS = " \t\n\r"


def read(work, dataset):
    """The landing files of a dataset as they are; pandas' own read_json(engine="pyarrow") takes no schema."""
    options = pj.ParseOptions(explicit_schema=RAW[dataset], unexpected_field_behavior="ignore")
    files = sorted(Path(work.landing, "topics", dataset).glob("*/*.json"))
    # Arrow reads a small file on one thread: several files at once keep all cores busy.
    with ThreadPoolExecutor() as threads:
        tables = list(threads.map(lambda file: pj.read_json(file, parse_options=options), files))
    return pa.concat_tables(tables).to_pandas(types_mapper=pd.ArrowDtype)


def known(text, *unknown):
    """A string, or null when it is blank or one of the strings that mean "unknown"."""
    says_something = (text.str.strip(BLANKS) != "") & ~text.isin(unknown)
    return text.where(says_something)


def follower_count(text):
    """Scales and truncates digits rather than floats, which is exact. Few strings are distinct, so each is read once."""
    values = pd.Series(text.dropna().unique())
    parts = values.str.extract(r"^[ \t\n\r]*([0-9]+)(?:\.([0-9]+))?([kKmMbB])?[ \t\n\r]*$")
    counts = {text: count_of(*map(empty_of_null, row)) for text, *row in zip(values, parts[0], parts[1], parts[2])}
    return text.map(counts).astype("int64[pyarrow]")


def empty_of_null(part):
    return "" if pd.isna(part) else part


def count_of(whole, fraction, unit):
    if whole == "":
        return pd.NA
    zeros = {"": 0, "k": 3, "m": 6, "b": 9}[unit.lower()]
    count = int(whole + fraction[:zeros].ljust(zeros, "0"))
    return count if count <= LARGEST_INTEGER else pd.NA


def time_of(text):
    form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
    right = text.where(text.str.fullmatch(form) & (text >= "0001"))
    times = pc.strptime(pa.array(right.str.replace("T", " ", regex=False)), "%Y-%m-%d %H:%M:%S", "us", error_is_null=True)
    return pd.Series(times.to_pandas(types_mapper=pd.ArrowDtype))


def cleaned(dataset, raw):
    """The cleaned table, distinct rows."""
    match dataset:
        case "pin":
            description = known(raw["description"])
            rows = {
                "ind": raw["index"],
                "unique_id": known(raw["unique_id"]),
                "title": known(raw["title"], "No Title Data Available"),
                "description": description.where(~description.str.startswith("No description available")),
                "follower_count": follower_count(raw["follower_count"]),
                "poster_name": known(raw["poster_name"], "User Info Error"),
                "tag_list": known(raw["tag_list"], "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"),
                "is_image_or_video": known(raw["is_image_or_video"]),
                "image_src": known(raw["image_src"], "Image src error.", "Image src error"),
                "save_location": known(raw["save_location"].str.removeprefix("Local save in ")),
                "category": known(raw["category"]),
            }
        case "geo":
            on_earth = raw["latitude"].between(-90, 90) & raw["longitude"].between(-180, 180)
            on_earth = on_earth.fillna(False)
            # Adding 0 turns −0 into 0. Two columns, so that rows are compared by plain values, not by lists.
            rows = {
                "ind": raw["ind"],
                "country": known(raw["country"]),
                "latitude": raw["latitude"].where(on_earth) + 0.0,
                "longitude": raw["longitude"].where(on_earth) + 0.0,
                "timestamp": time_of(raw["timestamp"]),
            }
        case _:
            first, last = known(raw["first_name"]), known(raw["last_name"])
            rows = {
                "ind": raw["ind"],
                "user_name": (first + " " + last).fillna(first).fillna(last),
                "age": raw["age"],
                "date_joined": time_of(raw["date_joined"]),
            }
    return pd.DataFrame(rows).dropna(subset="ind").drop_duplicates()


def age_group(age):
    groups = pd.Series(pd.NA, index=age.index, dtype="string[pyarrow]")
    for first, last, name in AGE_GROUPS:
        # A null condition counts as true, so that a null age has no group.
        groups = groups.mask(age.between(first, last or LARGEST_INTEGER).fillna(False), name)
    return groups


def top_of_each(group, rows, value, tie):
    return rows.sort_values([group, value, tie], ascending=[True, False, True]).drop_duplicates(group)


def most_popular_category(rows, group):
    counts = rows.dropna(subset=[group, "category"]).groupby([group, "category"], observed=True).size()
    return top_of_each(group, counts.reset_index(name="category_count"), "category_count", "category")


def median_followers(rows, *groups):
    measured = rows.dropna(subset=[*groups, "follower_count"]).groupby(list(groups))
    return measured["follower_count"].median().reset_index(name="median_follower_count")


def answers_of(pin, geo, user):
    places = pin[["ind", "category", "poster_name", "follower_count"]].merge(geo[["ind", "country", "timestamp"]], on="ind")
    post_year = places["timestamp"].dt.year
    places["post_year"] = post_year.where(post_year.between(2018, 2022))
    user_columns = user[["ind", "user_name", "age", "date_joined"]].copy()
    join_year = user_columns["date_joined"].dt.year
    user_columns["join_year"] = join_year.where(join_year.between(2015, 2020))
    user_columns["age_group"] = age_group(user_columns["age"])
    people = pin[["ind", "category", "follower_count"]].merge(user_columns, on="ind")

    known_posters = places.dropna(subset=["country", "poster_name", "follower_count"])
    followers = known_posters.groupby(["country", "poster_name"])["follower_count"].max().reset_index()
    top_users = top_of_each("country", followers, "follower_count", "poster_name")
    joined = user_columns.dropna(subset=["join_year", "user_name"]).drop_duplicates(["user_name", "date_joined"])
    return {
        "most_popular_category_by_country": most_popular_category(places, "country"),
        "most_popular_category_by_year": most_popular_category(places, "post_year"),
        "top_user_by_country": top_users,
        "country_with_top_user": top_users.sort_values(
            ["follower_count", "country", "poster_name"], ascending=[False, True, True]
        ).head(1),
        "most_popular_category_by_age_group": most_popular_category(people, "age_group"),
        "median_followers_by_age_group": median_followers(people, "age_group"),
        "users_joined_by_year": joined.groupby("join_year").size().reset_index(name="number_users_joined"),
        "median_followers_by_join_year": median_followers(people, "join_year"),
        "median_followers_by_join_year_and_age_group": median_followers(people, "join_year", "age_group"),
    }


def answer(work):
    tables = []
    for dataset in datasets:
        with work.stage("decode"):
            raw = read(work, dataset)
        with work.stage("clean"):
            tables.append(cleaned(dataset, raw))
    with work.stage("answers"):
        return {name: rows.to_dict("records") for name, rows in answers_of(*tables).items()}


def decode(work):
    with work.stage("decode"):
        for dataset in datasets:
            read(work, dataset)


if __name__ == "__main__":
    main(answer, decode)
