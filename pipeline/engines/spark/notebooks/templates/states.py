# @note The table of states, from which answers are made: brought up to date at the cost of what is new. The notebook that includes
# @note this says where the table and silver are: `STATES_TABLE`, `silver_of`.
import json
from concurrent.futures import ThreadPoolExecutor

# The row of the table that says which states it holds, and which version of each silver table they have seen. In the table, it is
# true of whatever version of it is read or restored.
SEEN = "seen"
# Operations that change no row.
CHANGES_NO_ROW = {"OPTIMIZE", "VACUUM START", "VACUUM END"}
# Lets the rows be read that a commit has added.
CHANGE_FEED = {"delta.enableChangeDataFeed": "true"}


def commits_of(dataset):
    """The last commits of a dataset's silver, the newest first. A time tells a commit from one of a table made anew."""
    history = spark.sql(f"DESCRIBE HISTORY delta.`{silver_of(dataset)}` LIMIT 100")
    return history.selectExpr(
        "version", "CAST(timestamp AS STRING) AS time", "operation", "operationParameters['mode'] AS mode"
    ).collect()


def commits_of_silver():
    """The last commits of each dataset's silver."""
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(COLUMNS, pool.map(commits_of, COLUMNS)))


def silver_at(dataset, version):
    """The rows of a version of silver."""
    return spark.read.format("delta").option("versionAsOf", version).load(silver_of(dataset))


def added_since(commits, seen):
    """Whether rows were added after a commit that was seen; None, when it cannot be told, or other things have happened."""
    at = next((at for at, commit in enumerate(commits) if [commit.version, commit.time] == seen), None)
    if at is None:
        return None
    changes = [commit for commit in commits[:at] if commit.operation not in CHANGES_NO_ROW]
    appends = [commit for commit in changes if commit.operation == "WRITE" and commit.mode == "Append"]
    return len(changes) > 0 if len(appends) == len(changes) else None


def feed_changes(dataset):
    """Turns the feed of changes on, where an older notebook or another writer has made the table. Tells if it was off."""
    off = spark.sql(f"DESCRIBE DETAIL delta.`{silver_of(dataset)}`").first().properties.items().isdisjoint(CHANGE_FEED.items())
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
    """Adds to the states what silver has gained; those that cannot be followed are made anew from all rows.

    Returns the last commits of silver, to which the answers then belong.
    """
    text = last_seen()
    seen = json.loads(text) if text else {"states": [], "silver": {}}
    added = {dataset: added_since(commits[dataset], seen["silver"].get(dataset)) for dataset in commits}
    followed = [name for name in STATES if name in seen["states"] and all(added[of] is not None for of in sources_of(name))]
    anew = [name for name in STATES if name not in followed]
    if not anew and not (followed and any(added.values())):
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
        parts = whole_tuples(anew) + added_tuples(followed, added, seen["silver"], now)
        write(states_of(parts, text, followed, now), STATES_TABLE, "overwrite", optimizeWrite="true")
    except Exception as error:
        # Files of the version that was seen may be vacuumed.
        if not followed or "FILE_NOT_EXIST" not in str(error):
            raise
        write(states_of(whole_tuples(STATES), text, [], now), STATES_TABLE, "overwrite", optimizeWrite="true")
    return commits


def sources_of(name):
    """The datasets that a state is made of."""
    return {source for source, _ in ROWS[STATES[name]["rows"]]["added"]}


def tuples_of(rows, names):
    """The statement of the tuples that rows bring to states: one look at the rows serves them all."""
    tuples = ", ".join(f"named_struct('state', {quoted(name)}, 'cells', {STATES[name]['tuple']})" for name in names)
    each = f"SELECT explode(array({tuples})) AS tuple FROM (\n{rows}\n)"
    return f"SELECT tuple.state AS state, tuple.cells AS cells, 1L AS rows FROM ({each}) WHERE tuple.cells IS NOT NULL"


def by_rows(names):
    """States by the rows that they are made of."""
    found = {rows: [name for name in names if STATES[name]["rows"] == rows] for rows in ROWS}
    return [(ROWS[rows], of) for rows, of in found.items() if of]


def whole_tuples(names):
    """The statements of all tuples of states."""
    return [tuples_of(rows["whole"], of) for rows, of in by_rows(names)]


def added_tuples(followed, added, seen, now):
    """The statements of tuples that new rows bring to states."""
    gaining = {source for name in followed for source in sources_of(name) if added[source]}
    if not gaining or not make_views_of_new_rows(gaining, seen, now):
        return []
    return [tuples_of(sql, of) for rows, of in by_rows(followed) for source, sql in rows["added"] if source in gaining]


def states_of(parts, text, followed, now):
    """The rows of the table of states: new tuples, and the stored ones of states that are followed."""
    tuples = list(parts)
    if followed:
        stored(spark, STATES_TABLE).createOrReplaceTempView("`states before`")
        tuples.append(f"SELECT state, cells, rows FROM `states before` WHERE {is_kept(text, followed)}")
    together = f"SELECT state, cells, sum(rows) AS rows FROM (\n{' UNION ALL '.join(tuples)}\n) GROUP BY state, cells"
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


def make_views_of_new_rows(gaining, seen, now):
    """Makes views of new rows, and of rows before and after whose keys lie among theirs; False when there are no new rows."""
    views = {}
    for dataset in gaining:
        changes = spark.read.format("delta").option("readChangeFeed", "true").option("endingVersion", now[dataset][0])
        rows = changes.option("startingVersion", seen[dataset][0] + 1).load(silver_of(dataset))
        views[dataset] = rows.select(*spark.table(dataset).columns)
        views[dataset].createOrReplaceTempView(f"`{dataset} added`")
    keys = " UNION ALL ".join(f"SELECT `{KEY[dataset][1]}` AS key FROM `{dataset} added`" for dataset in gaining)
    least, greatest = spark.sql(f"SELECT min(key), max(key) FROM ({keys})").first()
    if least is None:
        return False
    for dataset, (version, _) in now.items():
        near = F.col(KEY[dataset][1]).between(least, greatest)
        before = seen[dataset][0] if dataset in gaining else version
        silver_at(dataset, before).where(near).createOrReplaceTempView(f"`{dataset} before`")
        silver_at(dataset, version).where(near).createOrReplaceTempView(f"`{dataset} near`")
    return True
