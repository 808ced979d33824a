# Runs a notebook as Databricks does, with `spark`, `dbutils` and `display` in scope, on plain PySpark.
class Widgets:
    def __init__(self, values):
        self.values = values
        self.declared = {}

    def text(self, name, default, label=""):
        self.declared[name] = default

    def dropdown(self, name, default, choices, label=""):
        assert default in choices
        self.declared[name] = default

    def get(self, name):
        return self.values.get(name, self.declared[name])


class Mount:
    def __init__(self, mountPoint, source):
        self.mountPoint, self.source = mountPoint, source


class FileSystem:
    def __init__(self, mounts):
        self.mounted = [Mount(**mount) for mount in mounts]
        self.calls = []

    def mounts(self):
        return self.mounted

    def mount(self, **arguments):
        self.calls.append(arguments)
        self.mounted.append(Mount(arguments["mount_point"], arguments["source"]))


class Utilities:
    def __init__(self, widgets, mounts=()):
        self.widgets, self.fs = Widgets(widgets), FileSystem(mounts)
        self.credentials = self

    def getServiceCredentialsProvider(self, name):
        return name


def run_notebook(source, widgets, utilities=None):
    import contextlib
    import io

    frames = []
    scope = {
        "__name__": "__main__",
        "spark": globals().get("spark"),
        "dbutils": utilities or Utilities(widgets),
        "display": frames.append,
    }
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "<notebook>", "exec"), scope)
    last = [list(row) for frame in frames[-1:] for row in frame.collect()]
    return {"printed": printed.getvalue(), "shown": [frame.columns for frame in frames], "last": last}
