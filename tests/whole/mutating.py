"""Change the numerical core in one place and see whether a test notices: `python tests/whole/mutating.py 60 [first]`.

A mutant is one operator, comparison, sign or number of a core file turned into another, chosen by the mutant's number,
so that any of them can be made again. The few test files named beside the core file run on a copy of the project, and
where they all pass, the recorded odds; what passes those as well survives. Both kinds are printed.
`python tests/whole/mutating.py known` tries the changes that once passed every test.
"""

import ast
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

__all__ = ["FILES", "KNOWN", "list_changes", "mutate"]

ROOT = Path(__file__).parents[2]
SECONDS = 240  # of one mutant's tests, which may wait for ever
FILES = {
    "sim/model/accounting.py": "model/test_accounting model/test_growth",
    "sim/model/amounts.py": "engine/test_caps analysis/test_probability",
    "sim/model/calibrated_deliveries.py": "model/test_deliveries engine/test_caps",
    "sim/model/deliveries.py": "model/test_deliveries engine/test_caps",
    "sim/model/growth.py": "model/test_growth model/test_reduced_form model/test_drawn_growth",
    "sim/model/lookup_table.py": "model/test_lookup_table",
    "sim/model/milestones.py": "model/test_milestones",
    "sim/model/programmes.py": "model/test_deliveries engine/test_roads",
    "sim/model/reduced_form.py": "model/test_reduced_form engine/test_inversion",
    "sim/model/scenario_law.py": "model/test_scenario_law model/test_shocks_on_targets",
    "sim/model/thresholds.py": "model/test_thresholds",
    "sim/engine/counting.py": "engine/test_counting engine/test_updating",
    "sim/engine/judging.py": "engine/test_counting engine/test_paths engine/test_in_step "
    "engine/test_ranges_of_deliveries",
    "sim/engine/paths.py": "engine/test_paths engine/test_roads engine/test_mixture",
    "sim/engine/shock_effects.py": "engine/test_paths model/test_shocks_on_targets",
    "sim/engine/sobol.py": "engine/test_sobol engine/test_points",
    "sim/engine/exact/conditional.py": "engine/test_roads engine/test_points",
    "sim/engine/exact/integrals.py": "engine/test_number_met engine/test_rules engine/test_roads",
    "sim/engine/exact/inversion.py": "engine/test_inversion",
    "sim/engine/exact/normal.py": "engine/test_ranges engine/test_points",
    "sim/engine/exact/points.py": "engine/test_points engine/test_roads engine/test_redraw",
    "sim/engine/exact/separation.py": "engine/test_separation",
    "sim/learning/scores.py": "learning/test_scores",
}
"""Core files, and the tests that should notice a change in them, beside the file's own examples."""

RECORDED = "whole/test_recorded_odds"

KNOWN = (
    ("sim/model/calibrated_deliveries.py", "(each.enough / each.value,", "(each.value / each.enough,", ""),
    ("sim/inputs/scenario/sizes.py", '"sd", ', "", "inputs/test_scenario inputs/test_scenario_in_code"),
    (
        "sim/engine/shock_effects.py",
        "factor + np.float32(law.speed[shock, delivery]) * ",
        "factor * np.float32(law.speed[shock, delivery]) * ",
        "",
    ),
    (
        "sim/model/growth.py",
        "[ids.index(spillover.reaches), ids.index(spillover.origin)]",
        "[ids.index(spillover.origin), ids.index(spillover.reaches)]",
        "",
    ),
    ("sim/model/growth.py", "multiply(powers[q + 1], law.momentum)", "multiply(powers[q + 1].T, law.momentum)", ""),
    ("sim/learning/predictive.py", "self.cdf(target - PRINTED_STEP / 2)", "self.cdf(target)", "learning/test_scores"),
    ("sim/learning/features.py", "np.nan_to_num(gap - common)", "np.nan_to_num(gap)", "learning/test_premium"),
    ("sim/learning/features.py", '(">=", ">")', '(">",)', "learning/test_premium"),
    ("sim/engine/exact/odds.py", "** (-1 / decay)", "** (-decay)", "engine/test_errors_stated"),
    ("sim/engine/counting.py", "self.both[:] += counts.both", "self.both[:] = counts.both", ""),
    ("sim/engine/judging.py", "len(members) < 256", "len(members) < 70_000", ""),
    ("sim/learning/scores.py", "12 * error", "error", ""),
    ("sim/model/amounts.py", "ratio <= 0, -np.inf", "ratio <= 0, np.inf", "analysis/test_probability"),
    ("sim/model/deliveries.py", "sums[None]) / squares[-1]", "sums[None]) / squares[-2]", ""),
    ("sim/engine/counting.py", "if_missed_se=np.where(misses > 0", "if_missed_se=np.where(misses <= 0", ""),
    ("sim/engine/judging.py", "passed[-1] = told", "passed[-2] = told", ""),
    ("sim/engine/exact/integrals.py", "[1.0] * len(parts)", "[2.0] * len(parts)", ""),
    (
        "sim/engine/exact/integrals.py",
        "if any(key is None for key in keys):\n            return average_number_met",
        "if all(key is None for key in keys):\n            return average_number_met",
        "engine/test_number_met",
    ),
    ("sim/engine/exact/normal.py", "compute_normal_cdf(beyond), 0)", "compute_normal_cdf(beyond), 1)", ""),
    ("sim/engine/exact/points.py", "len(self.replicates), axis=1)", "len(self.replicates), axis=2)", ""),
)
"""Changes that passed every test when they were first tried: file, text, other text, tests where not as above."""

_OTHER = {
    **{"+": "-", "-": "+", "*": "/", "/": "*", "**": "*", "<": ">=", "<=": ">", ">": "<=", ">=": "<"},
    **{"==": "!=", "!=": "==", "and": "or", "or": "and", "minimum": "maximum", "maximum": "minimum"},
    **{"min": "max", "max": "min", "any": "all", "all": "any", "sin": "cos", "cos": "sin"},
}


def list_changes(text: str) -> list[tuple[int, int, int, str]]:
    """List what may be changed in a program: line, columns from and to, and what stands there instead.

    Words of messages, types and defaults of signatures stay as they are, and so does what only runs on a fault.
    """
    kept: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom | ast.AnnAssign):
            kept.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.FunctionDef):
            kept.update(range(node.lineno, node.body[0].lineno))
    changes = []
    before = tokenize.ENCODING
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        (line, start), (_, end) = token.start, token.end
        if line not in kept:
            if token.type == tokenize.NUMBER and token.string.replace(".", "").replace("e-", "").isdigit():
                number = float(token.string)
                whole = {0.0: "1", 1.0: "2", 2.0: "3"}.get(number)
                changes.append((line, start, end, whole or (token.string + " * 2" if number < 1 else "1")))
            elif token.string in _OTHER and token.type in (tokenize.OP, tokenize.NAME):
                is_unary = token.string in "+-*" and before in (tokenize.OP, tokenize.NL, tokenize.NEWLINE)
                if not is_unary or token.string == "-":
                    changes.append((line, start, end, " " if is_unary else _OTHER[token.string]))
        before = tokenize.NAME if token.string in (")", "]") else token.type
    return changes


def _is_program(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def mutate(number: int) -> tuple[str, int, str, str]:
    """Make a mutant by its number: file, line, the text of that line changed, and the whole text."""
    chance = random.Random(number)
    while True:
        file = chance.choice([*FILES])
        text = (ROOT / file).read_text(encoding="utf-8")
        line, start, end, other = chance.choice(list_changes(text))
        lines = text.splitlines(keepends=True)
        lines[line - 1] = lines[line - 1][:start] + other + lines[line - 1][end:]
        if _is_program("".join(lines)):
            return file, line, lines[line - 1].strip(), "".join(lines)


def _survives(folder: Path, file: str, text: str, tests: str, late: Callable[[], object]) -> bool:
    """Whether the tests pass with the changed text in place of the file's; what takes too long is told, and fails."""
    path = folder / file
    kept = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    words = [file, *(f"tests/{name}.py" for name in (tests or FILES[file]).split())]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        late()
        return False
    finally:
        path.write_text(kept, encoding="utf-8")
    return done.returncode == 0


def _list_known() -> Iterator[tuple[str, str, str, str]]:
    for file, before, after, tests in KNOWN:
        text = (ROOT / file).read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise SystemExit(f"{file}: {before!r} stands there {text.count(before)} times; renew KNOWN")
        yield file, f"{before} -> {after}", text.replace(before, after), tests


def main(tell: Callable[[str], object], count: str = "60", first: str = "0") -> int:
    """Try mutants and print those that survive; their number."""
    if count == "known":
        mutants = [*_list_known()]
    else:
        made = (mutate(number) for number in range(int(first), int(first) + int(count)))
        mutants = [(file, f"line {line}: {words}", text, "") for file, line, words, text in made]
    survivors = unnoticed = 0
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "project"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "out"))
        for number, (file, words, text, tests) in enumerate(mutants, int(first)):
            told = f"{number} {file}: {words}"
            late = partial(tell, f"{told}: not over after {SECONDS} s")
            if _survives(folder, file, text, tests, late):
                unnoticed += 1
                survives = _survives(folder, file, text, RECORDED, late)
                survivors += survives
                tell(f"{told}: {'survives' if survives else 'by recorded odds alone'}")
    tell(f"{len(mutants)} mutants, {unnoticed} pass the tests beside them, {survivors} survive")
    return survivors


if __name__ == "__main__":
    sys.exit(main(lambda line: print(line, flush=True), *sys.argv[1:]) > 0)  # noqa: T201
