"""The JSON Schema of scenario files, by which editors complete and check them while somebody types."""

from __future__ import annotations

from typing import Any

from sim.inputs.scenario.document import ScenarioFile

__all__ = ["describe_schema"]


def describe_schema() -> dict[str, Any]:
    """Describe scenario files as a JSON Schema, for editors.

    A file may leave out what it inherits, and takes away an inherited shock or loading by null; so nothing but
    the version is required, and shocks and loadings may be null.

    Examples
    --------
    >>> describe_schema()["required"]
    ['schema_version']
    """
    schema = ScenarioFile.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    schema.update(title="Scenario of the target simulator", required=["schema_version"])
    shock = schema["$defs"]["Shock"]
    shock.pop("required")
    shock["properties"]["profile"] = {"anyOf": [{"enum": ["pulse", "step"]}, shock["properties"]["profile"]]}
    for holder, key in ((schema, "shocks"), (shock, "loadings"), (shock, "speed"), (shock, "delay")):
        values = holder["properties"][key]
        values["additionalProperties"] = {"anyOf": [values["additionalProperties"], {"type": "null"}]}
    return schema
