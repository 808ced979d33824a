# @note Takes the lines of erased posts out of landing files, as pipeline/erase/landing_lines.ts does.
import gzip
import hashlib
from concurrent.futures import ThreadPoolExecutor

# A landing file of the sink, and the empty one that keeps where a partition's last landing file ended.
LANDING_FILE = re.compile(r"topics/([A-Za-z0-9._-]{1,249})/partition=([0-9]+)/\1\+\2\+([0-9]{10,19})\.json")
NEXT_OFFSET = re.compile(r"\.next\+([0-9]{10,19})")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Files that are written at once; each is in memory whole.
FILES_AT_ONCE = 8


def files_with_erased(dataset):
    """The landing files of a dataset with lines of erased posts: how many lines each has, how many go, and the digests of these."""
    files = listed(dataset)
    if not erased or not files:
        return []
    lines = placed_lines_of([file.location for file in files]).join(F.broadcast(forms_of(files)), "file")
    # The origin of a line is handed on as it is.
    lines.selectExpr(f"struct({', '.join(FORM)}, text AS line) AS file", "text").createOrReplaceTempView(f"{dataset}_lines")
    condition = is_erased_line(erased, KEY[dataset], "file.modified * 1000")
    marked = spark.sql(DECODE[dataset]).selectExpr("file.*", f"{condition} AS goes")
    counts = ["count(*) AS lines", "count_if(goes) AS gone"]
    digests = "collect_set(CASE WHEN goes THEN sha2(CAST(line AS BINARY), 256) END) AS digests"
    return marked.groupBy(FORM).agg(*map(F.expr, [*counts, digests])).where("gone > 0").withColumn("dataset", F.lit(dataset)).collect()


def without_lines(content, digests):
    """The bytes of a file without the lines of some digests. All others stay as they are, as does a mark at its start."""
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    lines = re.findall(rb"[^\n]*\n|[^\n]+", content[start:])
    return content[:start] + b"".join(line for line in lines if hashlib.sha256(line.removesuffix(b"\n")).hexdigest() not in digests)


def take_out_of_file(file):
    """Takes the lines out of a file, or removes it where it has no other."""
    held = landing_bytes.read(file.file)
    # A line counts or not by the time of its file.
    if held is None or (len(held.content), held.modified) != (file.size, file.modified // 1000):
        raise ChangedMeanwhile(file.file)
    if file.gone == file.lines:
        landing_bytes.remove(file.file)
        return
    packed = file.file.endswith(".gz")
    left = without_lines(gzip.decompress(held.content) if packed else held.content, set(file.digests))
    landing_bytes.put(file.file, gzip.compress(left) if packed else left, held)


def keep_next_offset(folder):
    """Keeps where a partition's last landing file ends, which the sink tells by its lines, in an empty file of a hidden name."""
    names = landing_bytes.names(folder)
    kept = {name: int(match[1]) for name in names if (match := NEXT_OFFSET.fullmatch(name))}
    firsts = {int(match[3]): name for name in names if (match := LANDING_FILE.fullmatch(f"{folder}/{name}"))}
    last = max(firsts)
    held = landing_bytes.read(f"{folder}/{firsts[last]}")
    following = max([last + held.content.count(b"\n"), *kept.values()])
    name = f".next+{following:010}"
    if name not in kept:
        landing_bytes.put(f"{folder}/{name}", b"")
        for other in kept:
            landing_bytes.remove(f"{folder}/{other}")


def change_record(files, now):
    """Lets the record of files read hold some files as they are now, and those no more that are not among these."""
    if not files:
        return
    recorded = recorded_files()
    before = F.broadcast(forms_of(files))
    were = recorded.join(before, FORM, "left_semi")
    if not were.isEmpty():
        others = recorded.join(before, FORM, "left_anti").select(recorded.columns)
        are = were.drop("size", "modified").join(F.broadcast(forms_of(now)), "file").select(recorded.columns)
        write(others.unionByName(are), FILES_READ, "overwrite")


def take_out_of_landing():
    """Takes the lines of erased posts out of landing files. Gives the files that had some, as they were.

    Killed at any step and run again, it comes to the same: a file that goes leaves the record before, for a changed rule refuses to
    read on without a recorded file. One that is written again enters it afterwards, and is at worst read once more.
    """
    list_files()
    found = [file for dataset in KEY for file in files_with_erased(dataset)]
    for folder in sorted({os.path.dirname(file.file) for file in found if LANDING_FILE.fullmatch(file.file)}):
        keep_next_offset(folder)
    change_record([file for file in found if file.gone == file.lines], [])
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        list(pool.map(take_out_of_file, found))
    rewritten = [file for file in found if file.gone < file.lines]
    if rewritten:
        list_files()
        # The raw copy names files by size and time: the next batch reads them once more, and copies them as they are now.
        copied = {dataset for dataset in KEY if exists(spark, bronze_of(dataset))}
        paths = {file.file for file in rewritten if file.dataset not in copied}
        change_record(rewritten, [file for dataset in KEY for file in listed(dataset) if file.file in paths])
    return found
