"""Kill a command at every file-system event, or at random instants, and look at what is left.

By hand, from the project's folder: `python tests/killing.py` kills the commands themselves, each at every event by
each of three signals, and then 200 times at random. The test `tests/whole/test_killed.py` does so with writers of
small files, which go the same ways.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click

from sim.cli import Program, main
from sim.inputs.files.folders import open_folder
from sim.inputs.files.writing import write_file
from sim.results.manifest import write_manifest

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.rmtree", "ctypes.dlsym"}
SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM, "INT": signal.SIGINT}
CODES = {"KILL": -9, "TERM": 143, "INT": 130}


@dataclass(frozen=True)
class Situation:
    """What is killed: a command that runs in a folder of its own, on what earlier commands left there."""

    name: str
    earlier: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]
    extra: tuple[str, ...] = ()
    inside: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was left: right after the kill, and after the command was called again."""

    code: int
    words: str
    state: str
    again: int
    state_again: str
    leftovers: tuple[str, ...]


@click.group(cls=Program)
def writers() -> None:
    """Commands that write as `sim run` and `sim report` do, at once."""


@writers.command()
@click.argument("folder")
@click.argument("words")
@click.option("--more", is_flag=True)
def put(folder: str, words: str, more: bool) -> None:
    """Write a folder of small files."""
    with open_folder(folder, result="run") as new:
        for name in ("a.csv", "b.csv", *(("c.csv",) if more else ())):
            (new / name).write_text(words)
        write_manifest(new, {"versions": {"target-simulator": "0"}})


@writers.command()
@click.argument("path", type=Path)
@click.argument("words")
def page(path: Path, words: str) -> None:
    """Write a small file."""
    write_file(path, words.encode())


SMALL = (
    Situation("nothing there", (), ("put", "out", "new")),
    Situation("an empty folder", (), ("put", "out", "new"), ("out/",)),
    Situation("an earlier result", (("put", "out", "old", "--more"),), ("put", "out", "new")),
    Situation("files of the user's", (("put", "out", "old", "--more"),), ("put", "out", "new"), ("out/thesis.docx",)),
    Situation("the current folder", (("put", "out", "old", "--more"),), ("put", ".", "new"), (), True),
    Situation("a page", (("page", "page.html", "old"),), ("page", "page.html", "new")),
)


_FEW = ("--paths", "500", "--calibrations", "0")


REAL = (
    Situation(
        "run",
        (("run", "baseline", *_FEW, "--no-charts", "--seed", "1"),),
        ("run", "baseline", *_FEW, "--no-charts", "--seed", "2"),
    ),
    Situation(
        "run beside files of the user's",
        (("run", "baseline", *_FEW, "--no-charts", "--seed", "1"),),
        ("run", "baseline", *_FEW, "--no-charts", "--seed", "2"),
        ("out/thesis.docx",),
    ),
    Situation(
        "workbook",
        (("run", "baseline", *_FEW, "--no-charts", "--excel", "o.xlsx", "--seed", "1"),),
        ("run", "baseline", *_FEW, "--no-charts", "--excel", "o.xlsx", "--seed", "2"),
    ),
    Situation(
        "report",
        (("report", "baseline", *_FEW, "--seed", "1"),),
        ("report", "baseline", *_FEW, "--seed", "2"),
    ),
    Situation("sweep", (("sweep", "cases.yaml", "--seed", "1"),), ("sweep", "cases.yaml", "--seed", "2")),
)


CASES = """\
schema_version: 1
scenario: baseline
design: list
vary: {shocks.rare_common_shock.probability: [0.01, 0.02, 0.03]}
"""


def look(folder: Path) -> str:
    """The state of a folder: names and digests of everything in it but what a later start clears."""
    lines = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not any(part.startswith(".sim-") or ".unfinished" in part for part in Path(name).parts):
            content = path.read_bytes()
            lines.append(f"{name} {sha256(content).hexdigest()[:12]}")
    return "\n".join(lines)


def list_leftovers(folder: Path) -> tuple[str, ...]:
    """Names of what only a later start clears."""
    return tuple(str(path.relative_to(folder)) for path in folder.rglob("*") if path.name.startswith(".sim-"))


def prepare(situation: Situation, folder: Path, group: click.Group) -> None:
    """Make what is there before the command is called."""
    (folder / "cases.yaml").write_text(CASES)
    for name in (each for each in situation.extra if each.endswith("/")):
        (folder / name).mkdir()
    for words in situation.earlier:
        assert call(group, words, folder, 0, "KILL")[0] == 0
    for name in (each for each in situation.extra if not each.endswith("/")):
        (folder / name).write_text("precious")


def call(group: click.Group, words: tuple[str, ...], folder: Path, event: int, name: str) -> tuple[int, str]:
    """Call a command in a process of its own, which sends itself a signal at an event; 0 means at none."""
    told = Path(tempfile.gettempdir()) / f"told-{os.getpid()}"
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        seen = 0

        def count(kind: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if kind in EVENTS and _is_about(kind, arguments, str(folder.parent if folder.name == "out" else folder)):
                seen += 1
                if seen == event:
                    os.kill(os.getpid(), SIGNALS[name])

        sys.addaudithook(count)
        code = 0
        try:
            group.main(list(words), prog_name="sim")
        except SystemExit as stop:
            code = int(stop.code or 0)
        except BaseException:  # told by its code, as a traceback is
            import traceback

            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), told.read_text(errors="replace")


def _is_about(kind: str, arguments: tuple[object, ...], folder: str) -> bool:
    if kind == "ctypes.dlsym":
        return True
    if kind == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")):
        return False
    path = arguments[0]
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    return str(Path.cwd() / os.fsdecode(path)).startswith(folder)


def kill_everywhere(situation: Situation, group: click.Group, name: str) -> Iterator[tuple[str, str, Outcome]]:
    """Kill a situation's command at its first event, its second, and so on until it is over before.

    Yields
    ------
    before, after : str
        States in which the folder may be found.
    outcome : Outcome
    """
    with tempfile.TemporaryDirectory() as parent:
        states = []
        for killed in (False, True):
            folder = Path(parent) / "all" / f"{killed}"
            folder.mkdir(parents=True)
            prepare(situation, folder, group)
            if not killed:
                states.append(look(folder))
            else:
                call(group, situation.command, _enter(situation, folder), 0, name)
                states.append(look(folder))
        base = Path(parent) / "base"
        shutil.copytree(Path(parent) / "all" / "False", base, symlinks=True)
        event, code = 0, 1
        while code != 0:
            event += 1
            folder = Path(parent) / "tried" / "here"
            shutil.rmtree(folder.parent, ignore_errors=True)
            shutil.copytree(base, folder, symlinks=True)
            code, words = call(group, situation.command, _enter(situation, folder), event, name)
            state = look(folder)
            again, told = call(group, situation.command, _enter(situation, folder), 0, name)
            left = list_leftovers(folder)
            yield states[0], states[1], Outcome(code, words + told, state, again, look(folder), left)


def _enter(situation: Situation, folder: Path) -> Path:
    return folder / "out" if situation.inside else folder


def judge(situation: Situation, name: str, before: str, after: str, outcome: Outcome) -> list[str]:
    """What is wrong with what a kill left; empty if nothing is."""
    wrong = []
    if outcome.code not in (0, CODES[name]) or "Traceback" in outcome.words:
        wrong.append(f"exit {outcome.code}: {outcome.words[-300:]}")
    one_step = situation.name not in ("files of the user's", "the current folder", "run beside files of the user's")
    if one_step and outcome.state not in (before, after):
        wrong.append(f"neither old nor new: {outcome.state}")
    if not set(_list_names(before)) & set(_list_names(after)) <= set(_list_names(outcome.state)):
        wrong.append(f"gone: {outcome.state}")
    if outcome.again != 0 or outcome.state_again != after:
        wrong.append(f"called again, exit {outcome.again}: {outcome.words[-300:]} {outcome.state_again}")
    if outcome.leftovers:
        wrong.append(f"left behind: {outcome.leftovers}")
    return [f"{situation.name}, {name}: {each}" for each in wrong]


def _list_names(state: str) -> list[str]:
    return [line.rpartition(" ")[0] for line in state.splitlines()]


def kill_at_random(situation: Situation, count: int, seed: int) -> Iterator[list[str]]:
    """Kill two commands in turn, each as a process of its own that replaces the other's output, at random instants."""
    chance = random.Random(seed)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "here"
        folder.mkdir()
        prepare(situation, folder, main)
        states, took = [look(folder)], 0.0
        for number in range(1, count + 1):
            words = [sys.executable, "-m", "sim", *(situation.command if number % 2 else situation.earlier[-1])]
            name = chance.choice(list(SIGNALS))
            process = subprocess.Popen(
                words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            if number > 1:
                time.sleep(chance.uniform(0, 1.1 * took))
                process.send_signal(SIGNALS[name])
            told, _ = process.communicate()
            state, started = look(folder), time.monotonic()
            subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=True)
            took = time.monotonic() - started
            states.append(look(folder))
            code = -signal.SIGKILL if name == "KILL" and number == 1 else process.returncode
            if code in (-15, -2) or "import site" in told:  # before Python has come to its handlers
                code, told = CODES[name], ""
            outcome = Outcome(code, told, state, 0, states[-1], list_leftovers(folder))
            yield judge(situation, name, states[-2], states[-1], outcome)


def run_all(progress: Callable[[str], None]) -> int:
    """Kill the commands themselves everywhere, and 200 times at random; the number of faults."""
    faults = shots = 0
    for situation in REAL:
        for name in SIGNALS:
            for before, after, outcome in kill_everywhere(situation, main, name):
                wrong = judge(situation, name, before, after, outcome)
                shots, faults = shots + 1, faults + len(wrong)
                for line in wrong:
                    progress(line)
        progress(f"{situation.name}: {shots} kills so far, {faults} faults")
    for number, situation in enumerate(REAL):
        for wrong in kill_at_random(situation, 40, number):
            shots, faults = shots + 1, faults + len(wrong)
            for line in wrong:
                progress(line)
        progress(f"{situation.name} at random: {shots} kills so far, {faults} faults")
    return faults


if __name__ == "__main__":
    sys.exit(run_all(lambda line: print(line, flush=True)) > 0)  # noqa: T201
