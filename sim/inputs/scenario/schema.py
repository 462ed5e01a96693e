"""The JSON Schema of scenario files, by which editors complete, explain and check them while somebody types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from sim.inputs.files.validation import Checked
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.checking import list_waited, name_delivery_keys, name_milestone_keys
from sim.inputs.scenario.document import ScenarioFile
from sim.inputs.scenario.judgements import Centre, Likelihood, Median, list_judged_periods

__all__ = ["describe_schema"]

_BARE_PROFILES = ["pulse", "step"]  # those that need no number


def describe_schema(plan: Plan | None = None) -> dict[str, Any]:
    """Describe scenario files as a JSON Schema, for editors.

    A file may leave out what it inherits, and takes away an inherited shock or loading by null; so nothing but
    the version is required, and shocks and loadings may be null. What a property is stands in the docstring of its
    class and nowhere else.

    Parameters
    ----------
    plan : Plan, optional
        Lists its indicators, quarters, targets and groups where they are due; None allows any word.

    Returns
    -------
    dict

    Examples
    --------
    >>> describe_schema()["required"]
    ['schema_version']
    """
    schema = ScenarioFile.model_json_schema()
    defs = schema["$defs"]
    for model in _list_models(ScenarioFile):
        _explain(defs.get(model.__name__, schema), model)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    schema.update(title="Scenario of the target simulator", required=["schema_version"])
    quarters, reached = _list_words(plan)
    for struck in (defs["Shock"], defs["Rule"]):
        struck.pop("required")
        struck["type"] = ["object", "null"]
        properties = struck["properties"]
        properties["onset"] |= _describe_onset(quarters)
        properties["onset"].pop("anyOf")
        for key in ("loadings", "speed", "delay"):
            _describe_effects(properties[key], reached[key])
        _choose_by(properties["size"], "law", "How sizes are spread; its further keys depend on it.")
        _choose_by(properties["profile"], "shape", "Course over the quarters from its start.", _BARE_PROFILES)
    _describe_condition(defs["When"], plan)
    _choose_by(schema["properties"]["judgements"]["anyOf"][0]["items"], "say", "What is judged of the year.")
    if plan is not None:
        for kind in (Likelihood, Median, Centre):
            _name_figures(defs[kind.__name__]["properties"], plan)
    for each in (schema, *defs.values()):
        for described in each["properties"].values():
            described.pop("title", None)  # the property's name once more
    return schema


def _list_words(plan: Plan | None) -> tuple[list[str], dict[str, list[str]]]:
    """Quarters, and what loadings, speeds and delays may reach; empty lists allow any word."""
    if plan is None:
        return [], {"loadings": [], "speed": [], "delay": []}
    indicators = [each.id for each in plan.indicators]
    reached = {"loadings": indicators, "speed": name_delivery_keys(plan), "delay": name_milestone_keys(plan)}
    return list(plan.quarter_names), reached


def _describe_condition(described: dict[str, Any], plan: Plan | None) -> None:
    """Describe what a rule waits for; what is left out may be inherited."""
    described.pop("required")
    for key in ("printed_below", "at_least"):
        number = described["properties"][key]
        form = next(each for each in number.pop("anyOf") if each["type"] == "number")
        number |= form | {"type": ["number", "null"]}
    if plan is not None:
        series = [*(each.id for each in plan.indicators), *(each.id for each in plan.deliveries)]
        described["properties"]["series"]["enum"] = series
        described["properties"]["period"]["enum"] = list_waited(plan)


def _name_figures(properties: dict[str, Any], plan: Plan) -> None:
    """List the indicators and periods that may be judged."""
    named = {"series": [each.id for each in plan.indicators], "period": list(list_judged_periods(plan))}
    for key, names in named.items():
        if key in properties:
            properties[key] = {"type": "string", "enum": names, "description": properties[key]["description"]}


def _describe_onset(quarters: Sequence[str]) -> dict[str, Any]:
    """Describe a quarter, or weights of several."""
    weights: dict[str, Any] = {"additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}}
    if not quarters:
        return {"type": ["string", "object"], **weights}
    a_quarter = {"if": {"type": "string"}, "then": {"enum": list(quarters)}}
    return {"type": ["string", "object"], **weights, "propertyNames": {"enum": list(quarters)}, **a_quarter}


def _describe_effects(described: dict[str, Any], names: Sequence[str]) -> None:
    """Let effects be taken away by null, and list what they may reach; one form a value, so that faults stay short."""
    value = described["additionalProperties"]
    forms = value.pop("anyOf", [value.copy()])
    value.clear()
    for form in forms:
        value |= {key: given for key, given in form.items() if key != "type"}
    value["type"] = [*(form["type"] for form in forms), "null"]
    if names:
        described["propertyNames"] = {"enum": list(names)}


def _choose_by(described: dict[str, Any], key: str, words: str, bare: Sequence[str] = ()) -> None:
    """Choose among forms by one key, so that a fault is told of the form that was meant."""
    forms = described.pop("discriminator")["mapping"]
    described.pop("oneOf")
    a_form = {"properties": {key: {"enum": sorted(forms), "description": words}}, "required": [key]}
    if bare:
        described.update(type=["string", "object"], **{"if": {"type": "string"}, "then": {"enum": list(bare)}})
        described["else"] = a_form
    else:
        described.update(type="object", **a_form)
    described["allOf"] = [
        {"if": {"properties": {key: {"const": name}}, "required": [key], "type": "object"}, "then": {"$ref": form}}
        for name, form in sorted(forms.items())
    ]


def _list_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """List the class and all that its fields hold, each once."""
    seen: list[type[BaseModel]] = []
    waiting: list[Any] = [model]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind not in seen:
                seen.append(kind)
                waiting += [field.annotation for field in kind.model_fields.values()]
        else:
            waiting += [*getattr(kind, "__args__", ())]
    yield from seen


def _explain(described: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the words of a class's docstring, and of those that it extends, beside its properties."""
    for base in model.__mro__[1:]:
        if base is not Checked and issubclass(base, Checked):
            _explain(described, base)
    first, _, rest = (inspect.getdoc(model) or "").partition("\n\n")
    described["description"] = " ".join(first.split())
    _, _, attributes = rest.partition("Attributes\n----------\n")
    for names, text in re.findall(r"^(\w+(?:, \w+)*) : .*\n((?:    .*\n?)+)", attributes, re.MULTILINE):
        for name in names.split(", "):
            described["properties"][name]["description"] = " ".join(text.split())
