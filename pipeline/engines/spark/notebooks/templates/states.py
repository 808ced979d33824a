# @note The table of states, from which answers are made: brought up to date at the cost of what is new. The notebook that includes
# @note this says where the table and silver are: `STATES_TABLE`, `silver_of`.
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
