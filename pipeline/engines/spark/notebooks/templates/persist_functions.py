# @note Keeps rows for more than one use, where the compute lets a notebook do so.
def persisted(rows):
    """The rows, kept until they are let go; serverless compute refuses that, and makes them again."""
    try:
        return rows.persist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
        return rows


def let_go(rows):
    """Lets go of rows that were kept."""
    try:
        rows.unpersist()
    except Exception as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
