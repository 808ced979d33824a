# @note Delta tables at paths that may not exist, by what Spark Connect has, too.
from pyspark.errors import AnalysisException

# The conditions of errors that say that there is no table at a path.
ABSENT = {"PATH_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST"}
FOUND = set()


def stored(session, path):
    """The rows of the Delta table at a path, or None where there is none."""
    try:
        rows = session.read.format("delta").load(path)
        # Spark Connect looks at a path when something is asked of it.
        rows.columns
    except AnalysisException as error:
        if error.getCondition() not in ABSENT:
            raise
        return None
    FOUND.add(path)
    return rows


def exists(session, path):
    """Whether there is a table at a path. One that was found is not looked for again: a run removes none."""
    return path in FOUND or stored(session, path) is not None
