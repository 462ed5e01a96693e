"""Settings: any number of a scenario, of a target or of the calibration, by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, InputError, Place
from sim.inputs.calibration import Calibration
from sim.inputs.files.validation import Checked
from sim.inputs.numbers import Number
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Numbered, Target
from sim.inputs.scale import guess_meant
from sim.inputs.scenario.building import check_scenario
from sim.inputs.scenario.document import Rule, Shock
from sim.inputs.scenario.judgements import Centre, Judgement
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import scale_size
from sim.learning.loading import hold_calibration
from sim.model.model import Model, build_model

__all__ = ["FACTOR", "Setting", "list_numbers", "question_values", "set_numbers"]

Setting = Mapping[str, float | str]


FACTOR = "size_factor"


Hold = Callable[[Calibration, Plan], tuple[Calibration, tuple[Fault, ...]]]


def list_numbers(model: Model, scenario: Scenario) -> list[str]:
    """List the paths of every number that a sweep may vary.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    list of str
        `shocks.<shock>.probability`, `.onset` (a quarter's name), `.size_factor` (on the whole law of the size) and
        every number of its size, profile, loadings, speed, delay and dependence; of `rules.<rule>` likewise, and
        `.when.printed_below` or `.when.at_least`; `judgements.<what it is about>.is`, a bound or `.sd`, named by the
        shock or by series and period; `targets.<target>.value` and `.tolerance`; `calibration.<...>` for every number
        of the calibration.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> names = list_numbers(sim.load_model(plan), sim.read_scenario("export-slump", plan))
    >>> "shocks.export_slump.size.interval_90.1" in names, "calibration.indicators.gdp.centre" in names
    (True, True)
    """
    names = []
    for shock, law in scenario.shocks.items():
        stem = f"shocks.{shock}"
        names += [f"{stem}.probability", f"{stem}.onset", f"{stem}.{FACTOR}"]
        names += [f"{stem}.{path}" for path in _list_leaves(law.model_dump(exclude_none=True))]
    for name, rule in scenario.rules.items():
        names += [f"rules.{name}.onset", f"rules.{name}.{FACTOR}"]
        names += [f"rules.{name}.{path}" for path in _list_leaves(rule.model_dump(exclude_none=True))]
    for name, judgement in _name_judgements(scenario).items():
        numbers = judgement.model_dump(by_alias=True, exclude_none=True)
        names += [f"judgements.{name}.{path}" for path in _list_leaves(numbers)]
    for target in model.plan.judged:
        if isinstance(target, Numbered):
            names.append(f"targets.{target.id}.value")
        if isinstance(target, Numbered) and target.upper is not None:
            names.append(f"targets.{target.id}.upper")
        if target.criterion == "about":
            names.append(f"targets.{target.id}.tolerance")
    return list(dict.fromkeys([*names, *_list_calibration(model.calibration, "calibration")]))


def _name_judgements(scenario: Scenario) -> dict[str, Judgement]:
    """Name judgements by what they are about; of several about one figure all but the first by their number too."""
    named: dict[str, Judgement] = {}
    for each in scenario.judgements:
        name = getattr(each, "shock", None) or each.words.split()[0]
        if not getattr(each, "shock", None):
            name += "-centre" if isinstance(each, Centre) else f"-{each.period}"
        same = sum(known == name or known.startswith(f"{name}-") for known in named)
        named[f"{name}-{same + 1}" if same else name] = each
    return named


def _list_calibration(node: Any, stem: str) -> Iterator[str]:
    """Every number of a calibration by its path, and the shares of the seasons."""
    if isinstance(node, Number | float):
        yield stem
    elif isinstance(node, Checked | dict | list):
        items = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else node
        for key, value in items:
            if key == "made_from":  # cells of tables, no numbers of the model
                continue
            yield from _list_calibration(value, f"{stem}.{key}")


def _list_leaves(node: Any, stem: str = "") -> Iterator[str]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int | float):
            yield f"{stem}{key}"
        else:
            yield from _list_leaves(value, f"{stem}{key}.")


def set_numbers(
    model: Model, scenario: Scenario, setting: Setting, hold: Hold = hold_calibration
) -> tuple[Model, Scenario, dict[str, str]]:
    """Set the numbers of a model and a scenario.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    setting : mapping of str to float or str
        By path, as `list_numbers` lists them.
    hold : callable
        Holds the calibration against the plan as its targets were changed, by the rule of `sim.load_model`: what was
        fitted to another target is fitted anew.

    Returns
    -------
    model : Model
        The same object where the setting changes none of its numbers.
    scenario : Scenario
    problems : dict of str to str
        By path: why a value cannot be.
    """
    problems: dict[str, str] = {}
    shocks, rules, judgements = dict(scenario.shocks), dict(scenario.rules), _name_judgements(scenario)
    targets: dict[str, dict[str, float | str]] = {}
    numbers: dict[str, float | str] = {}
    for path, value in setting.items():
        root, name, *rest = path.split(".")
        if root == "shocks":
            shocks[name] = _try(problems, path, _set_shock, shocks[name], rest, value) or shocks[name]
        elif root == "rules":
            rules[name] = _try(problems, path, _set_rule, rules[name], rest, value) or rules[name]
        elif root == "judgements":
            judgements[name] = _try(problems, path, _set_judgement, judgements[name], rest, value) or judgements[name]
        elif root == "targets":
            targets[name] = {**targets.get(name, {}), rest[0]: value}
        else:
            numbers[path] = value
    calibration, plan = model.calibration, model.plan
    if targets:
        plan = replace(plan, targets=tuple(_set_row(problems, row, targets.get(row.id)) for row in plan.targets))
        stated = [each.id for each in plan.growth if "value" in targets.get(each.id, ())]
        if stated:
            calibration = _try(problems, f"targets.{stated[0]}.value", _take, hold, calibration, plan) or calibration
    if numbers:
        calibration = _try(problems, next(iter(numbers)), _set_calibration, calibration, numbers) or calibration
    if calibration is not model.calibration and calibration != model.calibration:
        model = build_model(plan, calibration, model.files)
    elif targets:
        model = replace(model, plan=plan, built_of=model.built_of and (plan, calibration))  # no law depends on them
    changed = replace(scenario, shocks=shocks)
    told = [path for path in setting if path.partition(".")[0] in ("rules", "judgements")]
    if told and not problems:  # their bounds are of more than one number
        changed = replace(changed, rules=rules, judgements=tuple(judgements.values()))
        changed = changed.read_as(scenario.given, scenario.checked_for)
        changed = _try(problems, told[0], check_scenario, changed, plan) or changed
    return model, changed, problems


def question_values(model: Model, name: str, values: Sequence[float | str], place: Place) -> Iterator[Fault]:
    """Question values of growth that look like something else beside the figure that the plan has.

    Parameters
    ----------
    model : Model
    name : str
        Path of the number, as `list_numbers` lists it.
    values : sequence of float or str
    place : Place
        Where they stand.

    Yields
    ------
    Fault
        A question for each odd value; all are kept.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> for fault in question_values(model, "targets.gdp.value", [5.5, 105.5], Place("sweep.yaml", 5, 3)):
    ...     print(fault)
    sweep.yaml:5:3: targets.gdp.value: 105.5 %; an index, last year = 100? growth would be 5.5
    """
    root, *parts = name.split(".")
    own: float | None = None
    if root == "targets" and parts[1:] in (["value"], ["upper"]):
        own = next((each.value for each in model.plan.growth if each.id == parts[0]), None)
    elif root == "calibration" and parts[-1] == "centre":
        own = model.calibration.indicators[parts[1]].centre.value
    for value in values:
        meant = "" if own is None or isinstance(value, str) else guess_meant(float(value), abs(own))
        if meant:
            yield place.fault(f"{name}: {value:g} %", meant, code="range")


def _take(hold: Hold, calibration: Calibration, plan: Plan) -> Calibration:
    return hold(calibration, plan)[0]


def _set_row(problems: dict[str, str], row: Target, changes: dict[str, float | str] | None) -> Target:
    if not changes:
        return row
    return _try(problems, f"targets.{row.id}.{next(iter(changes))}", _set_target, row, changes) or row


def _try(problems: dict[str, str], path: str, change: Any, *given: Any) -> Any:
    try:
        return change(*given)
    except ValidationError as error:
        problems[path] = "; ".join(detail["msg"] for detail in error.errors())
    except InputError as error:
        problems[path] = "; ".join(str(error).splitlines())
    except (TypeError, ValueError) as error:
        problems[path] = str(error)
    return None


def _set_shock(shock: Shock, path: list[str], value: float | str) -> Shock:
    given = shock.model_dump(exclude_none=True)
    if path == [FACTOR]:
        return shock.model_copy(update={"size": scale_size(shock.size, float(value))})
    if path == ["probability"]:
        given.pop("depends_on", None)
    _put(given, path, value if path == ["onset"] else float(value))
    return Shock.model_validate(given)


def _set_rule(rule: Rule, path: list[str], value: float | str) -> Rule:
    if path == [FACTOR]:
        return rule.model_copy(update={"size": scale_size(rule.size, float(value))})
    given = rule.model_dump(exclude_none=True)
    _put(given, path, value if path == ["onset"] else float(value))
    return Rule.model_validate(given)


def _set_judgement(judgement: Judgement, path: list[str], value: float | str) -> Judgement:
    given = judgement.model_dump(by_alias=True, exclude_none=True)
    _put(given, path, float(value))
    return type(judgement).model_validate(given)


def _set_target(target: Target, changes: dict[str, float | str]) -> Target:
    numbers = {key: float(value) for key, value in changes.items()}
    return type(target).model_validate({**target.model_dump(), **numbers})


def _set_calibration(calibration: Calibration, numbers: dict[str, float | str]) -> Calibration:
    given = calibration.model_dump()
    for path, value in numbers.items():
        steps = path.split(".")[1:]
        node: Any = given
        for step in steps:
            node = node[int(step)] if isinstance(node, list) else node[step]
        _put(given, [*steps, "value"] if isinstance(node, dict) else steps, float(value))
    return Calibration.model_validate(given)


def _put(node: Any, path: list[str], value: float | str) -> None:
    for step in path[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(path[-1]) if isinstance(node, list) else path[-1]] = value
