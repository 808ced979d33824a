"""Polars: landing JSON → cleaned tables → nine answers, lazily, on its streaming engine.

Left out, because scan_ndjson cannot do it: a malformed line ends the run despite ignore_errors; a line without a key is
dropped and not kept in quarantine.
"""

import polars as pl
from common import AGE_GROUPS, LARGEST_INTEGER, datasets, main

RAW = {
    "pin": {"index": pl.Int64}
    | dict.fromkeys(
        (
            "unique_id",
            "title",
            "description",
            "poster_name",
            "follower_count",
            "tag_list",
            "is_image_or_video",
            "image_src",
            "save_location",
            "category",
        ),
        pl.String,
    ),
    "geo": {
        "ind": pl.Int64,
        "timestamp": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "country": pl.String,
    },
    "user": {
        "ind": pl.Int64,
        "first_name": pl.String,
        "last_name": pl.String,
        "age": pl.Int64,
        "date_joined": pl.String,
    },
}

BLANKS = " \t\n\r"


def known(text, *unknown):
    """A string, or null when it is blank or one of the strings that mean "unknown"."""
    says_something = text.str.strip_chars(BLANKS) != ""
    return pl.when(says_something & ~text.is_in(unknown) if unknown else says_something).then(text)


def follower_count(text):
    """Scales and truncates digits rather than floats, which is exact."""
    parts = text.str.extract_groups(r"^[ \t\n\r]*(?<whole>[0-9]+)(?:\.(?<fraction>[0-9]+))?(?<unit>[kKmMbB])?[ \t\n\r]*$")
    zeros = parts.struct["unit"].str.to_lowercase().replace_strict({"k": 3, "m": 6, "b": 9}, default=0, return_dtype=pl.Int64)
    whole = parts.struct["whole"].cast(pl.Int64, strict=False)
    cut = parts.struct["fraction"].str.head(zeros)
    fraction = cut.cast(pl.Int64, strict=False).fill_null(0) * ten_to(zeros - cut.str.len_bytes().fill_null(0))
    # A larger product might not fit into 64 bits.
    count = pl.when(whole <= LARGEST_INTEGER // ten_to(zeros)).then(whole * ten_to(zeros) + fraction)
    return pl.when(count <= LARGEST_INTEGER).then(count)


def ten_to(power):
    return power.replace_strict({n: 10**n for n in range(10)}, return_dtype=pl.Int64)


def time_of(text):
    form = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-9]{2}:[0-5][0-9]$"
    right = text.str.contains(form) & (text >= "0001")
    return pl.when(right).then(text.str.replace("T", " ", literal=True)).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)


def cleaned(work, dataset):
    """The cleaned table, distinct rows; lazy."""
    raw = scan(work, dataset)
    match dataset:
        case "pin":
            rows = raw.select(
                pl.col("index").alias("ind"),
                known(pl.col("unique_id")).alias("unique_id"),
                known(pl.col("title"), "No Title Data Available").alias("title"),
                pl.when(~pl.col("description").str.starts_with("No description available"))
                .then(known(pl.col("description")))
                .alias("description"),
                follower_count(pl.col("follower_count")).alias("follower_count"),
                known(pl.col("poster_name"), "User Info Error").alias("poster_name"),
                known(pl.col("tag_list"), "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e").alias("tag_list"),
                known(pl.col("is_image_or_video")).alias("is_image_or_video"),
                known(pl.col("image_src"), "Image src error.", "Image src error").alias("image_src"),
                known(pl.col("save_location").str.strip_prefix("Local save in ")).alias("save_location"),
                known(pl.col("category")).alias("category"),
            )
        case "geo":
            on_earth = pl.col("latitude").is_between(-90, 90) & pl.col("longitude").is_between(-180, 180)
            # Adding 0 turns −0 into 0.
            coordinates = pl.concat_list(pl.col("latitude") + 0.0, pl.col("longitude") + 0.0)
            rows = raw.select(
                "ind",
                known(pl.col("country")).alias("country"),
                pl.when(on_earth).then(coordinates).alias("coordinates"),
                time_of(pl.col("timestamp")).alias("timestamp"),
            )
        case _:
            words = [known(pl.col(name)) for name in ("first_name", "last_name")]
            rows = raw.select(
                "ind",
                known(pl.concat_str(words, separator=" ", ignore_nulls=True)).alias("user_name"),
                "age",
                time_of(pl.col("date_joined")).alias("date_joined"),
            )
    return rows.filter(pl.col("ind").is_not_null()).unique()


def scan(work, dataset):
    return pl.scan_ndjson(work.files(dataset), schema=RAW[dataset], ignore_errors=True)


def age_group():
    age = pl.col("age")
    groups = pl.when(False).then(None)
    for first, last, name in AGE_GROUPS:
        within = age >= first if last is None else age.is_between(first, last)
        groups = groups.when(within).then(pl.lit(name))
    return groups.alias("age_group")


def queries(pin, geo, user):
    """The nine answers, lazily."""
    places = pin.join(geo, on="ind")
    people = pin.join(user, on="ind").with_columns(age_group(), pl.col("date_joined").dt.year().alias("join_year"))
    of_age = people.filter(pl.col("age_group").is_not_null())
    joined = people.filter(pl.col("join_year").is_between(2015, 2020))
    of_age_joined = of_age.filter(pl.col("join_year").is_between(2015, 2020))
    years = places.with_columns(pl.col("timestamp").dt.year().alias("post_year"))

    def top_of_each(group, rows, value, tie):
        first = rows.sort(group, value, tie, descending=[False, True, False])
        return first.unique(group, keep="first", maintain_order=True)

    def most_popular_category(rows, group):
        counts = rows.filter(pl.col("category").is_not_null()).group_by(group, "category").agg(category_count=pl.len())
        return top_of_each(group, counts, "category_count", "category")

    def median_followers(rows, *groups):
        medians = rows.group_by(groups).agg(median_follower_count=pl.col("follower_count").median())
        return medians.filter(pl.col("median_follower_count").is_not_null()).sort(groups)

    known_posters = places.filter(
        pl.col("country").is_not_null(), pl.col("poster_name").is_not_null(), pl.col("follower_count").is_not_null()
    )
    followers = known_posters.group_by("country", "poster_name").agg(pl.col("follower_count").max())
    top_users = top_of_each("country", followers, "follower_count", "poster_name")
    people_joined = user.with_columns(pl.col("date_joined").dt.year().alias("join_year")).filter(
        pl.col("join_year").is_between(2015, 2020), pl.col("user_name").is_not_null()
    )
    return {
        "most_popular_category_by_country": most_popular_category(
            places.filter(pl.col("country").is_not_null()), "country"
        ),
        "most_popular_category_by_year": most_popular_category(
            years.filter(pl.col("post_year").is_between(2018, 2022)), "post_year"
        ),
        "top_user_by_country": top_users,
        "country_with_top_user": top_users.sort(
            "follower_count", "country", "poster_name", descending=[True, False, False]
        ).head(1),
        "most_popular_category_by_age_group": most_popular_category(of_age, "age_group"),
        "median_followers_by_age_group": median_followers(of_age, "age_group"),
        "users_joined_by_year": people_joined.unique(["user_name", "date_joined"])
        .group_by("join_year")
        .agg(number_users_joined=pl.len())
        .sort("join_year"),
        "median_followers_by_join_year": median_followers(joined, "join_year"),
        "median_followers_by_join_year_and_age_group": median_followers(of_age_joined, "join_year", "age_group"),
    }


def answer(work):
    with work.stage("read"):
        tables = dict(zip(datasets, pl.collect_all([cleaned(work, name) for name in datasets], engine="streaming")))
    with work.stage("answers"):
        asked = queries(*(tables[name].lazy() for name in datasets))
        answers = dict(zip(asked, pl.collect_all(asked.values())))
    if work.tables:
        with work.stage("write"):
            for layer, frames in (("silver", tables), ("gold", answers)):
                for name, frame in frames.items():
                    frame.write_parquet(work.table(layer, name).with_suffix(".parquet"))
    return {name: frame.to_dicts() for name, frame in answers.items()}


def decode(work):
    with work.stage("decode"):
        for dataset in datasets:
            scan(work, dataset).collect()


if __name__ == "__main__":
    main(answer, decode)
