def required(widget):
    """The value of a widget that must not be empty."""
    value = dbutils.widgets.get(widget).strip()
    if not value or "`" in value:
        raise ValueError(f"The widget '{widget}' must be filled, without backticks; it is {value!r}.")
    return value.rstrip("/")
