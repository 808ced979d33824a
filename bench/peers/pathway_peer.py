"""Pathway: landing JSON → cleaned tables → nine answers, kept up to date incrementally, in Rust.

Left out, because its JSON reader cannot do it: a malformed line or one without a key is logged and dropped, not kept in quarantine.
Its medians sort the whole group, because it has no incremental median; strings are matched in Python, because it has no
regular expressions.
"""

import datetime
import os
import re

# One worker thread a core; Pathway reads this when it is imported.
os.environ.setdefault("PATHWAY_THREADS", str(len(os.sched_getaffinity(0))))

import pathway as pw
from common import AGE_GROUPS, LARGEST_INTEGER, datasets, main


class RawPin(pw.Schema):
    index: int
    unique_id: str | None
    title: str | None
    description: str | None
    poster_name: str | None
    follower_count: str | None
    tag_list: str | None
    is_image_or_video: str | None
    image_src: str | None
    save_location: str | None
    category: str | None


class RawGeo(pw.Schema):
    ind: int
    timestamp: str | None
    latitude: float | None
    longitude: float | None
    country: str | None


class RawUser(pw.Schema):
    ind: int
    first_name: str | None
    last_name: str | None
    age: int | None
    date_joined: str | None


RAW = {"pin": RawPin, "geo": RawGeo, "user": RawUser}
BLANKS = " \t\n\r"
COUNT = re.compile(r"[ \t\n\r]*([0-9]+)(?:\.([0-9]+))?([kKmMbB])?[ \t\n\r]*")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}")
ZEROS = {"": 0, "k": 3, "m": 6, "b": 9}


@pw.udf(deterministic=True)
def known(text: str | None, unknown: tuple = ()) -> str | None:
    """A string, or null when it is blank or one of the strings that mean "unknown"."""
    return None if text is None or text.strip(BLANKS) == "" or text in unknown else text


@pw.udf(deterministic=True)
def known_description(text: str | None) -> str | None:
    if text is None or text.strip(BLANKS) == "" or text.startswith("No description available"):
        return None
    return text


@pw.udf(deterministic=True)
def saved_at(text: str | None) -> str | None:
    place = text and text.removeprefix("Local save in ")
    return place if place and place.strip(BLANKS) else None


@pw.udf(deterministic=True)
def follower_count(text: str | None) -> int | None:
    """Scales and truncates digits rather than floats, which is exact."""
    match = COUNT.fullmatch(text or "")
    if match is None:
        return None
    whole, fraction, unit = match.groups(default="")
    zeros = ZEROS[unit.lower()]
    count = int(whole + fraction[:zeros].ljust(zeros, "0"))
    return count if count <= LARGEST_INTEGER else None


@pw.udf(deterministic=True)
def time_of(text: str | None) -> str | None:
    """A valid date and time in one format; as a string, because Pathway's own times cannot be null before they are parsed."""
    if text is None or TIME.fullmatch(text) is None:
        return None
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return text.replace("T", " ")


@pw.udf(deterministic=True)
def coordinates(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return (latitude + 0.0, longitude + 0.0)


@pw.udf(deterministic=True)
def user_name(first: str | None, last: str | None) -> str | None:
    return " ".join(word for word in (first, last) if word and word.strip(BLANKS)) or None


@pw.udf(deterministic=True)
def age_group(age: int | None) -> str | None:
    for first, last, name in AGE_GROUPS:
        if age is not None and first <= age <= (last or LARGEST_INTEGER):
            return name
    return None


@pw.udf(deterministic=True)
def year_within(time: str | None, first: int, last: int) -> int | None:
    return int(time[:4]) if time is not None and first <= int(time[:4]) <= last else None


@pw.udf(deterministic=True)
def median(values: tuple[int, ...]) -> float:
    """The median of sorted values."""
    middle = len(values) // 2
    return float(values[middle]) if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def distinct(table):
    """The distinct rows."""
    columns = [table[name] for name in table.column_names()]
    return table.groupby(*columns).reduce(*columns)


def cleaned(raw, dataset):
    match dataset:
        case "pin":
            rows = raw.select(
                ind=raw["index"],
                unique_id=known(raw.unique_id),
                title=known(raw.title, ("No Title Data Available",)),
                description=known_description(raw.description),
                follower_count=follower_count(raw.follower_count),
                poster_name=known(raw.poster_name, ("User Info Error",)),
                tag_list=known(raw.tag_list, ("N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e",)),
                is_image_or_video=known(raw.is_image_or_video),
                image_src=known(raw.image_src, ("Image src error.", "Image src error")),
                save_location=saved_at(raw.save_location),
                category=known(raw.category),
            )
        case "geo":
            rows = raw.select(
                raw.ind,
                country=known(raw.country),
                coordinates=coordinates(raw.latitude, raw.longitude),
                timestamp=time_of(raw.timestamp),
            )
        case _:
            rows = raw.select(
                raw.ind,
                user_name=user_name(raw.first_name, raw.last_name),
                age=raw.age,
                date_joined=time_of(raw.date_joined),
            )
    return distinct(rows)


def top_of_each(rows, *groups, value, tie):
    """The row of each group with the highest value; of equal ones, the one whose string sorts first."""
    highest = rows.groupby(*(rows[group] for group in groups)).reduce(
        *(rows[group] for group in groups), highest=pw.reducers.max(rows[value])
    )
    on = [rows[group] == highest[group] for group in groups]
    ties = rows.join(highest, *on, rows[value] == highest.highest).select(
        *(rows[group] for group in groups), rows[value], rows[tie]
    )
    return ties.groupby(*(ties[group] for group in groups), ties[value]).reduce(
        *(ties[group] for group in groups), **{tie: pw.reducers.min(ties[tie]), value: ties[value]}
    )


def most_popular_category(rows, group):
    rows = rows.filter(rows[group].is_not_none() & rows.category.is_not_none())
    counts = rows.groupby(rows[group], rows.category).reduce(
        rows[group], rows.category, category_count=pw.reducers.count()
    )
    return top_of_each(counts, group, value="category_count", tie="category")


def median_followers(rows, *groups):
    for name in (*groups, "follower_count"):
        rows = rows.filter(rows[name].is_not_none())
    columns = [rows[group] for group in groups]
    sorted_counts = rows.groupby(*columns).reduce(*columns, counts=pw.reducers.sorted_tuple(rows.follower_count))
    return sorted_counts.select(
        *(sorted_counts[group] for group in groups), median_follower_count=median(sorted_counts.counts)
    )


def queries(pin, geo, user):
    places = pin.join(geo, pin.ind == geo.ind).select(
        pin.category,
        pin.poster_name,
        pin.follower_count,
        geo.country,
        post_year=year_within(geo.timestamp, 2018, 2022),
    )
    users = user.select(
        user.ind,
        user.user_name,
        user.date_joined,
        join_year=year_within(user.date_joined, 2015, 2020),
        age_group=age_group(user.age),
    )
    people = pin.join(users, pin.ind == users.ind).select(
        pin.category, pin.follower_count, users.join_year, users.age_group
    )
    known_posters = places
    for name in ("country", "poster_name", "follower_count"):
        known_posters = known_posters.filter(known_posters[name].is_not_none())
    followers = known_posters.groupby(known_posters.country, known_posters.poster_name).reduce(
        known_posters.country,
        known_posters.poster_name,
        follower_count=pw.reducers.max(known_posters.follower_count),
    )
    top_users = top_of_each(followers, "country", value="follower_count", tie="poster_name")
    # The first tuple has the most followers; ties go to the country and poster that sort first.
    top_user = top_users.reduce(first=pw.reducers.min(pw.make_tuple(-top_users.follower_count, top_users.country, top_users.poster_name)))
    joined = users.filter(users.join_year.is_not_none() & users.user_name.is_not_none())
    joined = joined.groupby(joined.join_year, joined.user_name, joined.date_joined).reduce(joined.join_year)
    return {
        "most_popular_category_by_country": most_popular_category(places, "country"),
        "most_popular_category_by_year": most_popular_category(places, "post_year"),
        "top_user_by_country": top_users,
        "country_with_top_user": top_user.select(
            country=top_user.first[1], poster_name=top_user.first[2], follower_count=-top_user.first[0]
        ),
        "most_popular_category_by_age_group": most_popular_category(people, "age_group"),
        "median_followers_by_age_group": median_followers(people, "age_group"),
        "users_joined_by_year": joined.groupby(joined.join_year).reduce(
            joined.join_year, number_users_joined=pw.reducers.count()
        ),
        "median_followers_by_join_year": median_followers(people, "join_year"),
        "median_followers_by_join_year_and_age_group": median_followers(people, "join_year", "age_group"),
    }


GROUPS = ("country", "post_year", "join_year", "age_group")


class Rows(dict):
    """The rows of an answer, kept up to date as its changes arrive."""

    def change(self, key, row, time, is_addition):
        if is_addition:
            self[key] = row
        elif self.get(key) == row:
            del self[key]

    def in_order(self):
        return sorted(self.values(), key=lambda row: [row[group] for group in GROUPS if group in row])


def read(work, dataset, **mode):
    return pw.io.jsonlines.read(str(work.landing / "topics" / dataset), schema=RAW[dataset], **mode)


def keep_answers(work, **mode):
    """Declares the whole pipeline; the rows of each answer exist while pw.run() runs and after it."""
    tables = [cleaned(read(work, dataset, **mode), dataset) for dataset in datasets]
    answers = {}
    for name, table in queries(*tables).items():
        answers[name] = Rows()
        pw.io.subscribe(table, on_change=answers[name].change)
    return answers


def run():
    # Unreadable lines are dropped, as by the other peers.
    pw.run(monitoring_level=pw.MonitoringLevel.NONE, default_logging=False, terminate_on_error=False)


def answer(work):
    answers = keep_answers(work, mode="static")
    run()
    return {name: rows.in_order() for name, rows in answers.items()}


def decode(work):
    for dataset in datasets:
        pw.io.null.write(read(work, dataset, mode="static"))
    with work.stage("decode"):
        run()


if __name__ == "__main__":
    main(answer, decode)
