# @note The raw copy of landing files, which outlives them; Node keeps the same (docs/decisions/bronze.md).
BRONZE_COLUMNS = "file STRING, size BIGINT, modified BIGINT, start BIGINT, line STRING, bytes STRING"
# A file as it was when it was read.
FORM = ["file", "size", "modified"]


def bronze_of(dataset):
    return f"{lake}/bronze/{dataset}"


def forms_of(files):
    """Files as a table."""
    return frame_of([(file.file, file.size, file.modified) for file in files], "file STRING, size BIGINT, modified BIGINT")


def held_of(kept, files):
    """The files that a copy holds and that may be some of these: each has a row of its own, without a place."""
    times = [file.modified for file in files]
    return kept.where(F.col("start").isNull() & F.col("modified").between(min(times), max(times))).select(FORM)


def copy_lines(dataset, of, begins):
    """Copies the lines of files that a dataset's copy does not hold: of those read now; where it begins, of all that are present.

    All rows of a file come in one commit, which reads the same table: of two runs at once, one fails.
    """
    path = bronze_of(dataset)
    kept = stored(spark, path) if of.new or begins else None
    if kept is None and not begins:
        return
    files = listed(dataset) if kept is None else of.new
    if kept is not None and files:
        held = {tuple(row) for row in forms_of(files).join(held_of(kept, files), FORM, "left_semi").collect()}
        files = [file for file in files if (file.file, file.size, file.modified) not in held]
    if not files:
        create_if_missing(spark, path, BRONZE_COLUMNS)
        return
    rows = bronze_rows(files)
    write(rows if kept is None else missing_in(held_of(kept, files), rows, FORM), path)


def bronze_rows(files):
    """A row of each file, and one of each line, with the byte at which it begins in the file, behind a mark at the file's start."""
    forms = forms_of(files)
    texts = placed_lines_of([file.location for file in files]).selectExpr(
        "file",
        """coalesce(sum(octet_length(text) + 1L) OVER (
          PARTITION BY file ORDER BY block, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0L) AS start""",
        "CASE WHEN is_valid_utf8(text) THEN text END AS line",
        "CASE WHEN NOT is_valid_utf8(text) THEN base64(CAST(text AS BINARY)) END AS bytes",
    )
    lines = texts.join(F.broadcast(forms), "file").select(*FORM, "start", "line", "bytes")
    own = forms.selectExpr(*FORM, "CAST(NULL AS BIGINT) AS start", "CAST(NULL AS STRING) AS line", "CAST(NULL AS STRING) AS bytes")
    return lines.unionByName(own)


def lines_in_bronze(dataset, files):
    """The lines of files that are gone: file, text."""
    kept = stored(spark, bronze_of(dataset)).where("start IS NOT NULL")
    lines = kept.join(F.broadcast(forms_of(files)), FORM, "left_semi")
    return lines.selectExpr("file", "coalesce(line, CAST(unbase64(bytes) AS STRING)) AS text")


def lost_from_bronze(dataset, files):
    """Those of some files that a dataset's copy does not hold."""
    kept = stored(spark, bronze_of(dataset))
    return files if kept is None else forms_of(files).join(held_of(kept, files), FORM, "left_anti").collect()


def take_out_of_bronze(dataset, erased):
    """Takes the lines of erased posts out of a dataset's copy. Files come later with such lines, so all of it is searched."""
    kept = stored(spark, bronze_of(dataset))
    if kept is None:
        return
    placed = kept.where("start IS NOT NULL")
    # The origin of a line is handed on as it is.
    placed = placed.selectExpr(f"struct({', '.join(FORM)}, start) AS file", "coalesce(line, CAST(unbase64(bytes) AS STRING)) AS text")
    placed.createOrReplaceTempView(f"{dataset}_lines")
    decoded = spark.sql(DECODE[dataset]).where(is_erased_line(erased, KEY[dataset], "file.modified * 1000"))
    found = decoded.select("file.*")
    if not found.isEmpty():
        write(kept.join(found, [*FORM, "start"], "left_anti").select(*kept.columns), bronze_of(dataset), "overwrite")
