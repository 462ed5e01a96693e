"""Starting a plan of one's own: a folder with what is known filled in, and the rest marked to be filled in."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError, OutputError, QuestionWarning, blame, blame_kind
from sim.inputs.files.explanation import PLACEHOLDER
from sim.inputs.files.validation import is_name
from sim.inputs.identity import KNOWN_INDICATORS, rename_indicator, suggest_indicator
from sim.inputs.plan.plan import CHINA

if TYPE_CHECKING:
    from sim.inputs.calibration import PlanPrior
    from sim.inputs.indicator_numbers import QuarterlyNumbers
    from sim.inputs.plan.tables import Indicator, Quarter

__all__ = ["DEFAULT_INDICATORS", "list_known", "new_plan"]

DEFAULT_INDICATORS = ("gdp", "retail_sales", "fixed_asset_investment", "income_per_capita")


_TEMPLATES = Path(__file__).parent / "templates" / "new_plan"


_DONORS = ("qingdao-2024", "china-2024")
"""Shipped plans that lend names, seasons and dynamics; the first that has an indicator lends it."""


_PERIODS = 4


@dataclass(frozen=True)
class _Known:
    """What shipped plans know of an indicator."""

    indicator: Indicator
    quarters: tuple[Quarter, ...]
    numbers: QuarterlyNumbers
    place: str
    loading: float | None


def list_known() -> list[str]:
    """List the indicators of which the shipped plans know names, seasons and dynamics.

    Returns
    -------
    list of str

    Examples
    --------
    >>> list_known()[:2], "unemployment" in list_known()
    (['gdp', 'budget_revenue'], True)
    """
    return list(_recall()[0])


def new_plan(folder: str | Path, indicators: Sequence[str] = DEFAULT_INDICATORS, country: str = "") -> list[Path]:
    """Write a new plan: tables, a prior, scenarios and a guide, whole or not at all.

    Parameters
    ----------
    folder : str or Path
        A new folder, or an empty one; the plan takes its name.
    indicators : sequence of str
        Ids, or names in use in either language; of those that `list_known` names, names are filled in.
    country : str
        That the place lies in. China lends what is known of its places: outlook, seasons, dynamics, a rare shock. In
        any other country, and while it is not named, nothing is lent but how deliveries run over the year and how
        often such promises are kept; indicators then have laws by their kind.

    Returns
    -------
    list of Path
        The files written. Cells to be filled in begin with `FILL IN`.

    Raises
    ------
    InputError
        If an indicator's id is no name or is given twice.
    OutputError
        If the folder holds something already, or cannot be written; nothing has changed then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     files = new_plan(Path(parent) / "mycity", ["gdp"])
    ...     files[0].name, (Path(parent) / "mycity" / "plan.csv").is_file()
    ('README.md', True)
    """
    from sim.inputs.files.folders import open_folder

    folder = Path(folder)
    asked = indicators.split(",") if isinstance(indicators, str) else indicators
    indicators = [_name_indicator(str(each).strip()) for each in asked]
    _check_indicators(indicators)
    if not isinstance(country, str):
        raise InputError([blame_kind("country", country, "a name", "write the country's, such as 'China'")])
    _check_folder(folder)
    known, prior = _recall()
    lent = known if country.casefold().strip() in CHINA else {}
    names = {key: each.indicator for key, each in known.items()}
    tables = _build_tables(folder.absolute().name, indicators, names, lent, country)
    texts = {**tables, **_fill_templates(folder, indicators, lent)}
    texts["prior.yaml"] = _write_prior(indicators, lent, prior)
    with open_folder(folder, argument="") as temporary:
        for name, text in texts.items():
            path = temporary / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="\n")
    return [folder / name for name in sorted(texts)]


def _name_indicator(name: str) -> str:
    """Give an indicator of which something is known the name that plans use; others keep their own."""
    known = rename_indicator(name)
    return known if known in KNOWN_INDICATORS else name


def _check_indicators(indicators: Sequence[str]) -> None:
    faults = []
    for place, name in enumerate(indicators):
        if not is_name(name):
            allowed = "allowed: English letters, digits, '_' and '-', such as " + ", ".join(list_known())
            faults.append(blame("indicators", f"'{name}' is not a name", allowed))
        elif name in indicators[:place]:
            faults.append(blame("indicators", f"'{name}' is given twice", code="repeated"))
    if not indicators:
        faults.append(blame("indicators", "no indicator is named", "allowed: " + ", ".join(list_known())))
    if faults:
        raise InputError(faults)
    own = "nothing is known of it, and its laws are by its kind"
    near = {name: suggest_indicator(name) for name in indicators if name not in KNOWN_INDICATORS}
    for name, nearest in near.items():
        if nearest:
            warnings.warn(str(blame("indicators", f"'{name}'", own, nearest)), QuestionWarning, stacklevel=3)


def _check_folder(folder: Path) -> None:
    """Nothing is ever written over."""
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise OutputError(f"{folder}: holds files already; name a new folder")
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: is a file; name a folder")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None


def _recall() -> tuple[dict[str, _Known], PlanPrior]:
    """Recall what the shipped plans know of each indicator, and the prior that lends the rest."""
    from sim.inputs.calibration import read_prior
    from sim.inputs.plan.reading import read_plan
    from sim.inputs.scenario.reading import read_scenario

    known: dict[str, _Known] = {}
    priors = []
    for donor in _DONORS:
        plan = read_plan(donor)
        prior = read_prior(plan.folder / "prior.yaml", plan)
        priors.append(prior)
        loadings = read_scenario("baseline", plan).shocks["rare_common_shock"].loadings
        for each in plan.indicators:
            numbers, quarters = prior.indicators[each.id], plan.quarters[each.id]
            known.setdefault(each.id, _Known(each, quarters, numbers, plan.place_en, loadings.get(each.id)))
    return known, priors[0]


def _build_tables(
    name: str, indicators: Sequence[str], names: Mapping[str, Indicator], lent: Mapping[str, _Known], country: str
) -> dict[str, str]:
    """Build the CSV tables, by file name."""
    from sim.inputs.history import Outcome
    from sim.inputs.outlook import Expectation
    from sim.inputs.plan.reading import read_plan
    from sim.inputs.plan.tables import Group, Identity, Indicator, Quarter
    from sim.inputs.plan.targets import TARGET_COLUMNS

    source = f"{PLACEHOLDER}: document and page"
    identity = [
        (
            "name",
            name if is_name(name) else f"{PLACEHOLDER}: a short name in English letters",
            "the name of this folder",
        ),
        ("place_en", f"{PLACEHOLDER}: the place in English", source),
        ("place_zh", f"{PLACEHOLDER}: the place in Chinese 中文地名; or delete this row", source),
        ("year", f"{PLACEHOLDER}: the year of the targets in four digits", source),
        ("country", country or f"{PLACEHOLDER}: the country that the place lies in", "outlook.csv is about it"),
        ("first_month", "1", "1: the year begins in January; 4: in April, and `year` is the one in which it begins"),
    ]
    group = {"id": "macro", "name_en": "Macro", "name_zh": "宏观", "source": "one group for a start; add your own"}
    outlook = _table([name for name in Expectation.model_fields if name != "country"], [])
    if lent:
        outlook = (read_plan(_DONORS[0]).folder / "outlook.csv").read_text(encoding="utf-8-sig")
    return {
        "plan.csv": _table(
            Identity.model_fields, [dict(zip(Identity.model_fields, row, strict=True)) for row in identity]
        ),
        "indicators.csv": _table(Indicator.model_fields, [_start_indicator(each, names) for each in indicators]),
        "quarters.csv": _table(
            Quarter.model_fields, [row for each in indicators for row in _start_quarters(each, lent)]
        ),
        "targets.csv": _table(TARGET_COLUMNS, [_start_target(each, names) for each in indicators]),
        "groups.csv": _table(Group.model_fields, [group]),
        "history.csv": _table([name for name, due in Outcome.list_columns().items() if due], []),
        "outlook.csv": outlook,
    }


def _table(columns: Iterable[str], rows: Sequence[Mapping[str, object]]) -> str:
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _start_indicator(name: str, known: Mapping[str, Indicator]) -> dict[str, object]:
    found = known.get(name)
    row: dict[str, object] = {
        "id": name,
        "name_en": found.name_en if found else f"{PLACEHOLDER}: its name in English",
        "name_zh": found.name_zh if found else f"{PLACEHOLDER}: its name in Chinese 中文名称, or empty",
        "unit": "%",
        "measure": found.measure if found else f"{PLACEHOLDER}: real or nominal growth; price or rate",
        "baseline": f"{PLACEHOLDER}: last year's figure in % 上年实际",
        "better": found.better if found else f"{PLACEHOLDER}: higher or lower",
        "momentum": 0,
        "momentum_basis": "assumed",
        "source": f"{PLACEHOLDER}: where the baseline stands; momentum: assumption, no quarter at hand",
    }
    return row


def _start_quarters(name: str, known: Mapping[str, _Known]) -> list[dict[str, object]]:
    found = known.get(name)
    shares = [row.share for row in found.quarters] if found else [1 / _PERIODS] * _PERIODS
    why = f"as in {found.place}" if found else "even quarters"
    source = f"share: assumption, {why}; base effect: assumption, none"
    facts = {"share_basis": "assumed", "base_effect": 0, "base_effect_basis": "assumed", "source": source}
    return [
        {"indicator": name, "quarter": f"Q{place}", "share": f"{share:g}", **facts}
        for place, share in enumerate(shares, start=1)
    ]


def _start_target(name: str, known: Mapping[str, Indicator]) -> dict[str, object]:
    found = known.get(name)
    return {
        "id": name,
        "section": f"{PLACEHOLDER}: section of the report",
        "phrase": f"{PLACEHOLDER}: the words of the report 原文",
        "name_en": found.name_en if found else f"{PLACEHOLDER}: its name in English",
        "name_zh": found.name_zh if found else f"{PLACEHOLDER}: its name in Chinese 中文名称, or empty",
        "kind": "growth",
        "indicator": name,
        "value": f"{PLACEHOLDER}: the target in %",
        "unit": "%",
        "criterion": f"{PLACEHOLDER}: about 左右, at_least 以上, at_most 以内 or meet_or_exceed (a bare number)",
        "tolerance": 0,
        "headline": "yes",
        "baseline_relation": "none",
        "decided_by": "own",
        "group": "macro",
        "source": f"{PLACEHOLDER}: document and page",
    }


def _fill_templates(folder: Path, indicators: Sequence[str], known: Mapping[str, _Known]) -> dict[str, str]:
    """Fill in the guide and the scenarios, by file name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text and YAML, no HTML
    )
    facts = {
        "folder": folder,
        "name": folder.absolute().name,
        "mark": PLACEHOLDER,
        "indicators": list(indicators),
        "loadings": {each: known[each].loading for each in indicators if each in known},
        "strangers": [each for each in indicators if each not in known] if known else [],
        "lent": bool(known),
    }
    files = ("README.md", "scenarios/baseline.yaml", "scenarios/my-shock.yaml")
    return {file: environment.get_template(file).render(facts) for file in files}


def _write_prior(indicators: Sequence[str], known: Mapping[str, _Known], prior: PlanPrior) -> str:
    """Write the prior: dynamics of lent indicators with their sources; those of others are assumed by their kind."""
    from sim.inputs.files.writing import format_yaml

    content = prior.model_dump(exclude_unset=True)
    content.pop("spillovers", None)
    content["indicators"] = {name: _lend_numbers(known[name]) for name in indicators if name in known}
    if not content["indicators"]:
        del content["indicators"]
    for part in ("deliveries", "milestones"):  # levels and records of single targets are the lender's own
        content[part] = {name: each for name, each in content[part].items() if name not in ("levels", "targets")}
    return format_yaml(content, (_TEMPLATES / "prior_header.txt").read_text(encoding="utf-8").strip())


def _lend_numbers(lender: _Known) -> dict[str, object]:
    """Lend the numbers of one indicator; a price or a rate needs its year, whose figure is to be filled in."""
    numbers = lender.numbers.model_dump(exclude_unset=True)
    for number in numbers.values():
        number["source"] = f"as for {lender.place}: {number['source']}"
    if "centre" in numbers and lender.indicator.measure in ("price", "rate"):
        numbers["centre"] = {
            "value": f"{PLACEHOLDER}: the figure you expect of an ordinary year",
            "sd": f"{PLACEHOLDER}: how far that may be off",
            "unit": "pp",
            "basis": "given",
            "source": f"{PLACEHOLDER}: who says so, or the word assumption",
        }
    else:
        for field in ("centre", "trend_sd", "trend_common"):
            numbers.pop(field, None)
    return numbers
