"""Fields that were there once for each of several replacements, as they were up to index 44.

A template field `a_$_b` held a list of replacements, a structured field `a_$R_b` the value for replacement R.
"""

from typing import Any

from openslides_backend.migrations.data import Model


def structured(model: Model, start: str, end: str = "") -> dict[str, str]:
    """The structured fields that the model has of the template `{start}$_{end}`, by their replacements."""
    begin = f"{start}$"
    return {
        name[len(begin) : len(name) - len(end)]: name
        for name in model.fields
        if name.startswith(begin) and name.endswith(end) and name != begin + end
    }


def take(model: Model, start: str, end: str = "") -> dict[str, Any]:
    """Take a template and its structured fields out; the values that aren't null, by their replacements."""
    values = {replacement: model.fields.pop(name) for replacement, name in structured(model, start, end).items()}
    model.pop(f"{start}${end}")
    return {replacement: value for replacement, value in values.items() if value is not None}
