"""What docs/trust.md and the list of moved odds say are the shipped records and the recorded odds."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from refresh_record import PAGES, renew_class_table

import sim
from sim.inputs.evidence import read_evidence
from sim.inputs.plan.plan import Plan
from sim.learning.record_backtest import read_record_scores
from sim.views.class_records import write_class_table

ROOT = Path(__file__).parents[2]


def read_rows(text: str) -> list[list[str]]:
    """Cells of the table rows of a page, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `") or "| `" in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_record_of_every_class_is_the_shipped_one() -> None:
    text = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    rows = read_rows(text.split("## The record of every class")[1].split("## Figures aimed at")[0])
    scores = read_record_scores().set_index("class")
    assert [row[0].strip("`") for row in rows] == scores.index.tolist()
    for (_, kept, chance, scored, brier), (name, record) in zip(rows, scores.iterrows(), strict=True):
        if record.kind == "programme":
            assert kept == f"{record.n} figures"
        else:
            assert kept == (f"{record.reached:g} of {record.n}" if record.n else "none"), name
        assert chance.startswith(f"{100 * record['mean']:.1f}"), name
        assert (scored, brier) == (
            (str(record.scored), f"{record.brier:.3f}") if record.scored else ("never scored", "")
        ), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_table_of_classes_is_the_one_that_the_program_writes(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert write_class_table() in text
    assert renew_class_table(text) == text
    stale = text.replace("| `jobs` | 54", "| `jobs` | 53")
    assert stale != text
    assert renew_class_table(stale) == text


def test_the_notebook_on_trust_was_run_with_these_records() -> None:
    """What its cells printed is what they print now: one verdict a class and a headline."""
    cells = json.loads((ROOT / "notebooks/02_can_you_trust_it.ipynb").read_text(encoding="utf-8"))["cells"]
    printed = json.dumps([cell.get("outputs") for cell in cells], ensure_ascii=False)
    record, scores = sim.read_track_record(), read_record_scores()
    for told in (*scores.verdict, *(record.judge(name).words for name in ("gdp", "budget_revenue", "retail_sales"))):
        assert told in printed, told
    assert all(name in printed for name in scores["class"])


def test_the_figures_of_the_readme_are_those_of_the_record() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    scores = read_record_scores()
    for kind, words in (("count", "counts"), ("milestone", "milestones"), ("title", "titles that others award")):
        rows = scores[(scores.kind == kind) & (scores.scored > 0)]
        brier = np.average(rows.brier, weights=rows.scored)
        assert any(f"{words} {said}{brier:.3f} on {rows.scored.sum()}" in text for said in ("", "Brier "))


def test_laws_that_had_no_evidence_are_told_with_the_evidence_of_the_records(plan: Plan) -> None:
    """Sixteen targets, each with its law; what was kept of what is the count of evidence and records."""
    text = (ROOT / "docs/model.md").read_text(encoding="utf-8").split("**What the laws rest on")[1].split("\n\n")[1]
    rows = {tuple(re.findall(r"`(\w+)`", row[0])): row[2] for row in read_rows(text)}
    targets = {each.id: each for each in plan.targets}
    assert sum(len(names) for names in rows) == 16
    assert all(name in targets for names in rows for name in names)
    evidence, scores = read_evidence(plan), read_record_scores().set_index("class")
    for names, told in rows.items():
        own = evidence.get(names[0])
        if own is None or own.class_id is None:
            assert "words" in told or told.startswith("none")
        elif own.class_id == "programme":
            assert told.startswith(f"{scores.n.programme} shares of programmes")
        else:
            record = scores.loc[own.class_id]
            assert f"{record.reached:g} of {record.n}" in told, names
            assert not own.own_n or f"{own.own_reached} of {own.own_n}" in told, names


def test_the_odds_of_now_are_those_on_record(plan: Plan) -> None:
    rows = read_rows((ROOT / "docs/odds_before_and_after.md").read_text(encoding="utf-8"))
    found = pd.read_csv(ROOT / "tests/expected/qingdao-2024/attainment.csv")
    odds = found[(found.scenario == "baseline") & (found.reading == "printed")].set_index("target").probability
    told = {row[1].strip("`"): row[3] for row in rows}
    assert {target.id for target in plan.judged} <= told.keys()
    for target, said in told.items():
        assert said == f"{100 * odds[target]:.1f}" if target in odds else said.startswith("none"), target
