# @note Which landing files the table `files_read` holds, and how it is told of more.
# @include listed_files.py

# The files of a dataset: how many landing files there are, names of others, those to be read, those of them that are gone and whose
# lines are in bronze, the reason why all are, if they are, whether the rules have to be announced, and whether lines of the record have to make room.
Files = namedtuple("Files", "present, others, new, gone, anew, announce, replace")


def lines_of(dataset, of):
    """The lines to read: file, text. Those of files that are gone are in bronze."""
    parts = [placed_lines_of([file.location for file in of.new]).select("file", "text")] if of.new else []
    parts += [lines_in_bronze(dataset, of.gone)] if of.gone else []
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def gone_files(dataset):
    """The files of a dataset that were read and exist no more."""
    recorded = spark.table("recorded_files").where((F.col("dataset") == dataset) & F.col("file").isNotNull())
    present = spark.table("listed_files").where("is_read").select("dataset", "file")
    return recorded.join(present, ["dataset", "file"], "left_anti").collect()


def look_for_files():
    """The files of each dataset by its name: one query says what there is to do."""
    list_files()
    recorded_files().createOrReplaceTempView("recorded_files")
    rules = ", ".join(f"({quoted(dataset)}, array({', '.join(map(quoted, of))}))" for dataset, of in RULES.items())
    spark.sql(f"SELECT * FROM VALUES {rules} AS (dataset, rules)").createOrReplaceTempView("rules_now")
    rows = spark.sql("""
WITH
recorded AS (
  SELECT
    dataset,
    file,
    collect_list(struct(size, modified)) AS forms,
    bool_or(NOT array_contains(rules_now.rules, recorded_files.rules)) AS other_rules,
    bool_or(array_contains(rules_now.rules, recorded_files.rules)) AS same_rules
  FROM recorded_files
  INNER JOIN rules_now USING (dataset)
  GROUP BY dataset, file
),
both AS (
  SELECT
    dataset, file, location, size, modified, is_read, forms, other_rules,
    file IS NULL AS is_announcement,
    file IS NULL AND same_rules AS announced,
    is_read AND NOT coalesce(array_contains(forms, struct(size, modified)), false) AS is_new
  FROM listed_files
  FULL JOIN recorded USING (dataset, file)
)
SELECT
  dataset,
  count_if(is_read) AS present,
  collect_list(CASE WHEN NOT is_read THEN file END) AS others,
  collect_list(CASE WHEN is_new THEN struct(dataset, file, location, size, modified) END) AS new,
  coalesce(bool_or(other_rules), false) AS anew,
  coalesce(bool_or(announced), false) AS announced,
  count(forms) = 0 AS unknown,
  coalesce(bool_or(is_announcement OR is_new AND forms IS NOT NULL), false) AS replace,
  count_if(forms IS NOT NULL AND NOT is_announcement AND NOT coalesce(is_read, false)) AS gone
FROM both
INNER JOIN rules_now USING (dataset)
GROUP BY dataset
""").collect()
    if sum(row.present for row in rows) == 0 and not any(exists(spark, bronze_of(dataset)) for dataset in RULES):
        raise FileNotFoundError(
            f"There are no landing files in {landing}: they are named like topics/pin/partition=0/pin+0+0000000000.json."
        )
    found = {row.dataset: files_of(row) for row in rows}
    return {dataset: found.get(dataset, Files(0, [], [], [], "", False, False)) for dataset in RULES}


def files_of(row):
    """The files of a dataset, from its row of the query; all of them where a rule has changed, or a table is gone."""
    new, gone = row.new, []
    anew = f"A rule of {row.dataset} has changed" if row.anew else "" if row.unknown else lost_table(row.dataset)
    if anew:
        gone = gone_files(row.dataset) if row.gone > 0 else []
        lost = lost_from_bronze(row.dataset, gone) if gone else []
        if lost:
            raise RuntimeError(
                f"{anew}, and {len(lost)} of the files that were read are no longer in {landing}, the first "
                f"{min(file.file for file in lost)}, nor are their lines in {bronze_of(row.dataset)}: bring "
                f"them back, or move {lake}/silver/{row.dataset}, {lake}/quarantine/{row.dataset} and {FILES_READ} away."
            )
        new = listed(row.dataset)
    announce = not row.announced and (anew != "" or (row.unknown and len(new) > 0))
    return Files(row.present, sorted(row.others), new, gone, anew, announce, row.replace or anew != "" or announce)


def tables_of(dataset):
    """The tables that hold what the files of a dataset were read into, from the lake."""
    return [f"silver/{dataset}", f"quarantine/{dataset}"]


def lost_table(dataset):
    """The reason to read all files again where one of the tables that hold them is gone."""
    gone = [table for table in tables_of(dataset) if not exists(spark, f"{lake}/{table}")]
    return f"The table {gone[0]} of the lake is gone" if gone else ""


def announce_rules(found):
    """Records by which rules silver is made, before it is, in lines without a file: if this run is killed, and a rule
    changes before the next, that one must know that silver may hold rows of other rules."""
    lines = [(dataset, None, None, None, RULES[dataset][0]) for dataset, of in found.items() if of.announce]
    if lines:
        write(frame_of(lines, FILES_COLUMNS), FILES_READ)


def record_files(found, answers):
    """Records that files are read, and what answers are made of them. What was listed is what was read, whatever landed since."""
    lines = [
        (dataset, file.file, file.size, file.modified, RULES[dataset][0])
        for dataset, of in found.items()
        for file in [*of.new, *of.gone]
    ]
    new = frame_of(lines, FILES_COLUMNS)
    if lines and not any(of.replace for of in found.values()):
        add_rows(new, stored(spark, FILES_READ), FILES_READ, new.columns, userMetadata=answers)
    else:
        finished = F.col("file").isNull() & F.col("dataset").isin(*found)
        # Node notes in lines of their own which tables hold the files: these are others now.
        replaced = F.col("dataset").isin([table for dataset, of in found.items() if of.anew for table in tables_of(dataset)])
        others = recorded_files().where(~finished & ~replaced).join(new, ["dataset", "file"], "left_anti")
        write(others.unionByName(new), FILES_READ, "overwrite", userMetadata=answers)
