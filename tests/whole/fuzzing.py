"""Damage every kind of file and see that it is read, or refused with a place: `python tests/whole/fuzzing.py 20000`.

A mutant is a file of a small plan, its scenario, calibration, prior, history, outlook or sweep, as text or as workbook,
damaged once to four times as people and programs damage files. It must be refused as `SimError`, or give odds that are
finite and within 0 and 1, on both roads in turn, within `SECONDS`. The seed is the mutant's number, so that any of them
can be made again: `python tests/whole/fuzzing.py 1 4711`.
"""

import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import sim
from sim.analysis.sweep.design import read_sweep
from sim.errors import SimError
from sim.inputs.bundled import find_plan
from sim.inputs.calibration import read_prior
from sim.learning.backtest import backtest

__all__ = ["FILES", "SECONDS", "Mutant", "fuzz"]

SECONDS = 20  # of one mutant's own time on the processor: others may share the machine
SHOCK = """\
schema_version: 1
title: {en: Slump, zh: 下滑}
why: to see
sources: [s]
shocks:
  slump:
    title: {en: Slump, zh: 下滑}
    probability: 0.3
    onset: {Q1: 0.5, Q2: 0.5}
    size: {law: lognormal, interval_90: [0.5, 1.5]}
    profile: {shape: dip_recover, quarters: 2, rebound: 0.3}
    loadings: {gdp: -1}
    source: s
  echo:
    title: {en: Echo, zh: 回声}
    depends_on: {shock: slump, probability_if_happened: 0.6, probability_if_not: 0.1}
    onset: Q3
    size: {law: normal, mean: 1, sd: 0.5}
    profile: step
    loadings: {gdp: -0.5}
    source: s
"""
SWEEP = """\
schema_version: 1
scenario: shock.yaml
design: grid
vary:
  shocks.slump.probability: [0.1, 0.4]
  shocks.echo.loadings.gdp: {from: -1, to: 0, steps: 3}
"""
TABLES = ("plan", "indicators", "quarters", "targets", "groups", "history", "outlook")
FILES = (*(f"{name}.csv" for name in TABLES), "calibration.yaml", "prior.yaml", "shock.yaml", "sweep.yaml", "book.xlsx")
TOKENS = (
    *(
        "",
        " ",
        "0",
        "-0",
        "1e308",
        "-1e308",
        "1e-320",
        "1e400",
        "nan",
        "inf",
        "-inf",
        "9" * 40,
        "0.1.2",
        "1,5",
        "1,000",
    ),
    *(
        "５.５",
        "−3",
        "3 %",
        "3%",
        "=1+1",
        "'",
        '"',
        '"""',
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "&a",
        "*a",
        "!!python/none x",
    ),
    *(
        "null",
        "true",
        "~",
        "#",
        "\t",
        "\r",
        "\n",
        "\x00",
        "\x0b",
        "\ufeff",
        "\u202e",
        "\ud83d\ude00",
        "青岛",
        "a" * 5000,
    ),
    *(
        "gdp",
        "Q1",
        "Q9",
        "2024",
        "2024-02-30",
        "30000",
        "about",
        "at_least",
        "higher",
        "lower",
        "%",
        "亿元",
        "FILL IN: x",
    ),
)


class Hang(BaseException):
    """A mutant takes too long."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Hang


class Mutant:
    """A small plan with one damaged file, in a folder of its own."""

    def __init__(self, number: int, folder: Path) -> None:
        self.chance = random.Random(number)
        self.number, self.folder = number, folder
        self.name = FILES[number % len(FILES)]
        shutil.copytree(find_plan("china-2024"), folder, dirs_exist_ok=True)
        (folder / "shock.yaml").write_text(SHOCK, encoding="utf-8")
        (folder / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
        if self.name == "book.xlsx":
            self._damage_book()
        else:
            path = folder / self.name
            path.write_bytes(self._damage(path.read_bytes()))

    def _damage_book(self) -> None:
        """Turn a table into a workbook of damaged cells, or damage a workbook's own bytes."""
        import csv
        import io

        import openpyxl

        path = self.folder / f"{self.chance.choice(TABLES)}.csv"
        rows = [*csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))]
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for _ in range(self.chance.randint(1, 3)):
            place = self.chance.randint(1, len(rows)), self.chance.randint(1, len(rows[0]))
            token = self.chance.choice([5.9, 0.059, -1e300, True, "=1/0", *TOKENS[:30]])
            try:
                book.active.cell(*place).value = token
            except ValueError:  # the format holds no such sign
                continue
            if self.chance.random() < 0.2:
                book.active.cell(*place).number_format = self.chance.choice(["0.0%", "yyyy-mm-dd", '0.0"%"', "@"])
        path.unlink()
        book.save(path.with_suffix(".xlsx"))
        if self.chance.random() < 0.3:
            content = bytearray(path.with_suffix(".xlsx").read_bytes())
            for _ in range(self.chance.randint(1, 20)):
                content[self.chance.randrange(len(content))] = self.chance.randrange(256)
            path.with_suffix(".xlsx").write_bytes(bytes(content))

    def _damage(self, content: bytes) -> bytes:
        for _ in range(self.chance.randint(1, 4)):
            content = self.chance.choice(DAMAGES)(content, self.chance)
        return content

    def judge(self) -> str:
        """Read and run; return `refused` or `run`, or what went wrong."""
        started = time.process_time()
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            return self._try()
        except Hang:
            return f"hang: over {time.process_time() - started:.0f} s"
        except SimError as error:
            words = str(error)
            return "refused" if words and len(words) < 100_000 else "a fault without words"
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            return f"traceback: {type(error).__name__}: {str(error)[:100]} at {place.filename}:{place.lineno}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _try(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            if self.name == "history.csv":
                backtest(sim.read_history(self.folder / "history.csv"))
            if self.name == "prior.yaml":
                read_prior(self.folder / "prior.yaml", sim.read_plan(self.folder))
            model = sim.load_model(sim.read_plan(self.folder))
            if self.name == "sweep.yaml":
                read_sweep(self.folder / "sweep.yaml", model)
                return "run"
            method = ("auto", "paths")[self.number // len(FILES) % 2]
            result = sim.run(
                model, [self.folder / "shock.yaml"], n_paths=200, n_points=16, n_calibrations=0, method=method
            )
        odds = [*result.odds.probability.dropna(), *result.joint.probability]
        wrong = [each for each in odds if not -1e-9 <= each <= 1 + 1e-9]
        return f"odds of {wrong[0]}" if wrong or not odds else "run"


def _put_token(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(TOKENS).encode("utf-8", "surrogatepass") + content[place:]


def _change_value(content: bytes, chance: random.Random) -> bytes:
    """Put something else in place of a number or word."""
    found = [*re.finditer(rb"-?\d+(?:\.\d+)?|[a-z_]{3,}", content)]
    if not found:
        return content
    each = chance.choice(found)
    return content[: each.start()] + chance.choice(TOKENS).encode("utf-8", "surrogatepass") + content[each.end() :]


def _scale_number(content: bytes, chance: random.Random) -> bytes:
    found = [*re.finditer(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])", content)]
    if not found:
        return content
    each = chance.choice(found)
    factor = chance.choice((-1.0, 0.0, 0.01, 10.0, 100.0, 1e6, 1e18))
    return content[: each.start()] + f"{float(each[0]) * factor:g}".encode() + content[each.end() :]


def _move_lines(content: bytes, chance: random.Random) -> bytes:
    """Leave a line out, repeat it, or exchange it with another."""
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return content
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines[one] = lines[one].replace(b",", b"," * chance.choice((0, 2, 3)))
    return b"".join(lines)


def _change_bytes(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 5) if damaged else 0):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _save_otherwise(content: bytes, chance: random.Random) -> bytes:
    """Save as other programs do: encodings, line ends, commas at the end, cut off."""
    match chance.randrange(8):
        case 0:
            return content.decode("utf-8", "replace").encode("utf-16")
        case 1:
            return content.decode("utf-8", "replace").encode("gbk", "replace")
        case 2:
            return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
        case 3:
            return content.replace(b"\n", b",,\n")
        case 4:
            return content.replace(b",", b";")
        case 5:
            return content.replace(b",", b"\t")
        case 6:
            return content[: chance.randrange(len(content) + 1)]
        case _:
            return content * 2


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _put_token,
    _change_value,
    _change_value,
    _scale_number,
    _scale_number,
    _move_lines,
    _change_bytes,
    _save_otherwise,
)


def fuzz(numbers: range) -> Iterator[tuple[int, str, str]]:
    """Make the mutants of these numbers and judge them: number, file, verdict."""
    for number in numbers:
        with tempfile.TemporaryDirectory() as parent:
            mutant = Mutant(number, Path(parent) / "plan")
            yield number, mutant.name, mutant.judge()


def main(count: int, first: int = 0) -> int:
    """Judge mutants; print the faults and the count of each verdict."""
    verdicts: Counter[str] = Counter()
    for number, name, verdict in fuzz(range(first, first + count)):
        verdicts[verdict.partition(":")[0]] += 1
        if verdict not in ("run", "refused"):
            print(number, name, verdict, flush=True)  # noqa: T201
    print(dict(verdicts))  # noqa: T201
    return verdicts.total() - verdicts["run"] - verdicts["refused"]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
