"""Plans of many indicators, quarters and targets."""

import shutil
from pathlib import Path

from small_plans import NUMBERS, TABLES

import sim
from sim.model.model import Model

_GROUPS = ("macro", "industry")


def build_long(folder: Path, targets: int) -> Model:
    """Build a model of the shipped plan with so many more targets, a third of them counts, two thirds milestones."""
    shipped = Path(__file__).parents[1] / "seeds" / "qingdao-2024"
    shutil.copytree(shipped, folder, dirs_exist_ok=True)
    with (folder / "targets.csv").open("a", encoding="utf-8") as file:
        file.writelines(_write_target(number) for number in range(targets))
    return sim.load_model(sim.read_plan(folder))


def build_wide(folder: Path, indicators: int = 2, quarters: int = 4) -> Model:
    """Build a model of a plan with so many indicators and quarters."""
    names = [f"series_{number}" for number in range(indicators)]
    heads = {file: text.splitlines(keepends=True)[0] for file, text in TABLES.items() if file.endswith(".csv")}
    rows = [f"{each},{each},{each},%,real,5.9,,,higher,-0.3,derived,s\n" for each in names]
    share = [f"Q{quarter},{1 / quarters:.6f}" for quarter in range(1, quarters + 1)]
    targets = [f"{each}_t,二,增长,{each},{each},{each},about,5.5,%,0.2,yes,macro,s\n" for each in names]
    written = {
        "plan.csv": TABLES["plan.csv"],
        "indicators.csv": heads["indicators.csv"] + "".join(rows),
        "quarters.csv": heads["quarters.csv"]
        + "".join(f"{each},{text},assumed,,0,assumed,s\n" for each in names for text in share),
        "targets.csv": heads["targets.csv"] + "".join(targets),
        "calibration.yaml": TABLES["calibration.yaml"].partition("indicators:")[0]
        + "indicators:\n"
        + "".join(f"  {each}:\n{NUMBERS}" for each in names),
    }
    for file, text in written.items():
        (folder / file).write_text(text, encoding="utf-8")
    return sim.load_model(sim.read_plan(folder))


def _write_target(number: int) -> str:
    name, group = f"target_{number}", _GROUPS[number % len(_GROUPS)]
    start = f"{name},三,完成,{name},{name}"
    if number % 3:
        quarter = 2 + 2 * (number % 2)
        return f"{start},milestone,,,,complete,0,,no,,none,Q{quarter},own,,ramp_up,{group},,s\n"
    return f"{start},count,,{100 + number},个,at_least,0,,no,,none,,other,designation,decided_by_others,{group},,s\n"
