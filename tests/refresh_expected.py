"""Recorded odds of every shipped scenario: `python tests/refresh_expected.py` says what moved and records it anew.

A figure that moved by no more than its tolerance keeps its record, so that another processor's last bit is no change.
"""

import hashlib
from pathlib import Path

import pandas as pd

import sim
from sim.inputs.bundled import list_plans

FOLDER = Path(__file__).parent / "expected"
KEYS = {
    "attainment": ["scenario", "target", "reading"],
    "joint": ["scenario", "group", "at_least"],
    "conditional": ["scenario", "missed", "met"],
    "uncertainty": ["scenario", "target"],
    "quantiles": ["scenario", "series", "period", "unit"],
}
FIGURES = {
    "uncertainty": ["range_low", "range_high", "exact_calibration"],
    "quantiles": ["q05", "q10", "q25", "q50", "q75", "q90", "q95"],
}
TOLERANCE = 5e-6
"""Of a probability. Processors of one kind give the same bits; one without AVX was seen to give up to 2e-6 more."""
TOLERANCE_OF_QUANTILES = 1e-4
"""Of a quantile, as a share of it: those of deliveries are counted from paths, seen to differ by up to 3e-5."""

Figures = dict[str, pd.Series]


def compute_figures(plan_name: str) -> Figures:
    """What `sim run` finds for a shipped plan: by table, figures by their keys and column."""
    plan = sim.read_plan(plan_name)
    tables = sim.run(plan).tables
    return {name: _stack(tables[name], name) for name in KEYS}


def read_figures(plan_name: str) -> Figures:
    """What is recorded of a plan, in the form of `compute_figures`."""
    return {name: _stack(pd.read_csv(FOLDER / plan_name / f"{name}.csv"), name) for name in KEYS}


def _stack(table: pd.DataFrame, name: str) -> pd.Series:
    figures = table.set_index(KEYS[name])[FIGURES.get(name, ["probability"])]
    return figures.rename_axis(columns="figure").stack().dropna().round(6)


def find_moves(table: str, recorded: pd.Series, found: pd.Series) -> pd.DataFrame:
    """What differs, largest first: columns recorded and found (NaN where there is none), and by."""
    both = pd.concat({"recorded": recorded, "found": found}, axis=1)
    both["by"] = both.found - both.recorded
    allowed = TOLERANCE_OF_QUANTILES * both.recorded.abs() if table == "quantiles" else TOLERANCE
    moved = both[~(both.by.abs() <= allowed)]
    return moved.loc[moved.by.abs().sort_values(ascending=False, na_position="first").index]


def describe_moves(heading: str, moves: pd.DataFrame, most: int = 20) -> str:
    """A line for each figure that moved, at most so many; empty if none did."""
    lines = [f"{heading}, figures that moved: {len(moves)}"] if len(moves) else []
    for key, recorded, found, by in moves.head(most).itertuples(name=None):
        words = " ".join(str(word) for word in key if word != "probability")
        if pd.isna(by):
            lines.append(f"  {words}: {f'{recorded:.6f} is gone' if pd.isna(found) else f'{found:.6f} is new'}")
        else:
            lines.append(f"  {words}: {recorded:.6f} -> {found:.6f} ({by:+.6f})")
    return "\n".join([*lines, *(["  ..."] if len(moves) > most else [])])


def compare(plan_name: str, recorded: Figures, found: Figures) -> str:
    """Every table's moves in words; empty if nothing moved."""
    told = (describe_moves(f"{plan_name}, {name}", find_moves(name, recorded[name], found[name])) for name in KEYS)
    return "\n".join(words for words in told if words)


def write_figures(plan_name: str, recorded: Figures, found: Figures) -> None:
    """Record what moved; the rest keeps its record."""
    (FOLDER / plan_name).mkdir(exist_ok=True)
    for name, figures in found.items():
        moved = find_moves(name, recorded[name], figures).index
        kept = figures.where(figures.index.isin(moved), recorded[name].reindex(figures.index))
        table = kept.unstack("figure", sort=False).reset_index()
        table.to_csv(FOLDER / plan_name / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6f")


def find_label() -> str:
    """Eight letters that change with any record."""
    files = sorted(FOLDER.rglob("*.csv"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


if __name__ == "__main__":
    for each in list_plans():
        now = compute_figures(each)
        before = read_figures(each) if (FOLDER / each).exists() else {name: now[name].iloc[:0] for name in KEYS}
        print(compare(each, before, now) or f"{each}: nothing moved")  # noqa: T201
        write_figures(each, before, now)
    print(f"CHANGELOG.md says why, under 'Numbers move', with these words: recorded odds {find_label()}")  # noqa: T201
