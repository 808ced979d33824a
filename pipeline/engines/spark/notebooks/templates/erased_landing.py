# @note Erasures in the tables of the batch path, and in landing files.
def kept_tables(dataset):
    """The tables of a dataset, each with the condition that a row has one of some keys."""
    key = KEY[dataset]
    return [(f"{lake}/silver/{dataset}", has_key(key)), (f"{lake}/quarantine/{dataset}", text_has_key(key))]


def take_out_of_tables(dataset, anew):
    """Takes out of a dataset's tables what was erased since the last run. One that is made now must say that it is free of it."""
    columns = [(COLUMNS[dataset], CHANGE_FEED), (QUARANTINE_COLUMNS, {})]
    for (path, condition), made in zip(kept_tables(dataset), columns) if erased else ():
        done = last.get("erased", -1)
        if stored(spark, path) is None:
            if anew:
                continue
            create(spark, path, *made)
            done = -1
        take_out_erased(spark, path, erased, done, condition)
    if up_to(erased) > last.get("erased", -1):
        take_out_of_bronze(dataset, erased)


def without_erased(decoded, dataset, of):
    """Decoded lines without those of erased posts, and how many these are. A line is posted when its file was last changed."""
    if not erased:
        return decoded, 0
    times = F.broadcast(forms_of([*of.new, *of.gone]).select("file", "modified"))
    condition = is_erased_line(erased, KEY[dataset], "modified * 1000")
    marked = decoded.join(times, "file", "left").withColumn("erased", F.expr(condition))
    left = unless_erased_since(spark, marked.where("NOT erased").select(*decoded.columns), erased)
    return left, marked.where("erased").count()


def are_gone(found):
    """Whether files that were listed are no more there: an erasure has removed them."""
    files = [file for of in found.values() for file in of.new]
    if not files:
        return False
    list_files()
    return not forms_of(files).join(spark.table("listed_files"), "file", "left_anti").isEmpty()
