# @note Posts that were erased, and how they leave tables. Node does the same (pipeline/erasures.ts, docs/decisions/erasures.md).
import json
from collections import namedtuple

ERASURES = f"{lake}/erasures"
ERASURES_COLUMNS = "ind BIGINT, erased_at TIMESTAMP, reason STRING, returns BOOLEAN"
# Keys that were erased at once: when, in microseconds since 1970, and whether what is posted later counts again.
Erased = namedtuple("Erased", "at, returns, keys")
# The property of a table that changes before it is freed of what was erased: Delta refuses every transaction that began before.
ERASED_UP_TO = "pinterest.erasedUpTo"
# The beginning of a text that stands for bytes, in the quarantine of the stream.
BYTES = "data:application/octet-stream;base64,"


def read_erasures(session):
    """The keys of a lake that were erased, by their last erasure, the earliest first. Without the table, they cost a look for it."""
    table = stored(session, ERASURES)
    if table is None:
        return []
    last = table.groupBy("ind").agg(F.expr("max(struct(unix_micros(erased_at) AS at, coalesce(returns, false) AS returns)) AS last"))
    return [Erased(*row) for row in last.groupBy("last.at", "last.returns").agg(F.collect_list("ind")).sort("at", "returns").collect()]


def up_to(erased):
    """The time of the last erasure in milliseconds, rounded up; -1 when there is none."""
    return max((-(-of.at // 1000) for of in erased), default=-1)


def is_free(erased):
    """The options of a commit after which a table has no row that was erased: a `txn`, which Delta lets a table have once."""
    return {"txnAppId": "erasures", "txnVersion": str(up_to(erased))} if erased else {}


def freeing(erased):
    """The text of a commit that only takes out what was erased, by which who follows the table knows it."""
    return {"userMetadata": json.dumps({"erased": up_to(erased)})}


def unless_erased_since(session, rows, erased):
    """Rows that cannot be written once more was erased than is known here: whatever transaction writes them reads the erasures."""
    if not erased:
        return rows
    stored(session, ERASURES).createOrReplaceTempView("erasures_now")
    known = max(of.at for of in erased)
    message = "Posts were erased meanwhile. Nothing is lost and nothing is doubled: run this again."
    newest = "(SELECT max(unix_micros(erased_at)) FROM erasures_now)"
    return rows.where(f"assert_true({newest} <= {known}L, {quoted(message)}) IS NULL")


def is_one_of(key, keys):
    """The condition that a key is one of some."""
    return f"{key} IN ({', '.join(f'{one}L' for one in keys)})"


def is_erased(erased, key, posted):
    """The condition that what was posted with a key at a time, in microseconds since 1970, does not count."""
    return " OR ".join(is_one_of(key, of.keys) + (f" AND {posted} <= {of.at}L" if of.returns else "") for of in erased)


def names_key(text, field, condition):
    """The condition that a line that is no event names such a key, which pipeline/erasures/keys_of_line.ts reads likewise."""
    name = field.strip("`")
    blanks = r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
    pattern = rf'"{name}\\*"{blanks}:{blanks}\\*"?{blanks}(-?[0-9][0-9.eE+-]*)'
    packed = f"CAST(try_to_binary(substring({text}, {len(BYTES) + 1}), 'base64') AS STRING)"
    plain = f"CASE WHEN startswith({text}, '{BYTES}') THEN make_valid_utf8({packed}) ELSE {text} END"
    numbers = f"regexp_extract_all({plain}, {quoted(pattern)}, 1)"
    return f"exists(transform({numbers}, number -> try_cast(number AS DOUBLE)), named -> {condition('named')})"


def is_erased_line(erased, key, posted):
    """The condition that a decoded line, event or not, is of a post that was erased."""
    field, _ = key
    of_event = is_erased(erased, f"raw.{field}", posted)
    of_other = names_key("text", field, lambda named: is_erased(erased, named, posted))
    return f"coalesce(CASE WHEN reason IS NULL THEN {of_event} ELSE {of_other} END, false)"


def take_out(session, path, condition, erased, **told):
    """Takes rows out of a table by writing the others again: then no file of the table has them, nor has its feed of changes.

    Without such rows, the commit adds none; with nothing to be told, there is none.
    """
    rows = stored(session, path)
    if not rows.where(condition).isEmpty():
        write(rows.where(f"NOT coalesce({condition}, false)"), path, "overwrite", **freeing(erased), **told)
    elif told:
        write(rows.limit(0), path, **freeing(erased), **told)


def refuse_earlier(session, path, erased):
    """Lets Delta refuse what others write who do not know of the erasures. Beside a commit that adds no rows, an append would pass."""
    properties = session.sql(f"DESCRIBE DETAIL delta.`{path}`").first().properties
    if int(properties.get(ERASED_UP_TO, -1)) < up_to(erased):
        session.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{ERASED_UP_TO}' = '{up_to(erased)}')")


def take_out_erased(session, path, erased, done, condition):
    """Takes out of a table what was erased after a time, in milliseconds, up to which this is known to be done.

    Keys that may return are taken out once, by the `txn` of that commit: their rows may have returned since.
    """
    newer = [of for of in erased if of.at > done * 1000]
    if newer:
        refuse_earlier(session, path, erased)
    for of in newer:
        if of.returns:
            take_out(session, path, condition(of.keys), [of], **is_free([of]))
    gone = [key for of in newer if not of.returns for key in of.keys]
    if gone:
        take_out(session, path, condition(gone), erased)
        take_out(session, path, "false", erased, **is_free(erased))


def has_key(key):
    """The condition that a row of silver has one of some keys."""
    return lambda keys: is_one_of(f"`{key[1]}`", keys)


def text_has_key(key):
    """The condition that a line in quarantine names one of some keys."""
    return lambda keys: names_key("text", key[0], lambda named: is_one_of(named, keys))


def take_out_newer(session, tables, erased):
    """Takes out what was erased meanwhile: its rows may have come beside, and none of them was posted after that.

    Tables are paths with the condition that a row has one of some keys. Tells whether anything was erased.
    """
    known = max((of.at for of in erased), default=-1)
    newer = [of for of in read_erasures(session) if of.at > known]
    keys = [key for of in newer for key in of.keys]
    if keys:
        for path, condition in tables:
            take_out(session, path, condition(keys), newer)
    return len(keys) > 0
