"""The job by other people's tools, each in the style of its own documentation: `python tests/benchmarks/peers.py`.

Prints JSON: paths per second of every peer and of the package, timed in turn, with what of the job each covers. A peer
that is not importable is installed into an environment of its own in a temporary folder; one that takes more than a
minute is skipped, and the table says so. Each runs in a process of its own, which needs nothing of the package.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from peer_jobs import JOBS
from straightforward import Numbers

REPETITIONS = 3
ENGINE_PATHS = 1_000_000
INSTALL_SECONDS = 60


@dataclass(frozen=True)
class Peer:
    """A tool, and what of the job it does.

    Attributes
    ----------
    job : str
        Key of `JOBS`.
    package : str
        Name in the registry and for import; empty where Python or the package's own numpy is enough.
    n_paths : int
        Timed; small enough for a few seconds.
    scope : str
        What of the job is covered, and by what.
    """

    name: str
    job: str
    package: str
    n_paths: int
    scope: str


PEERS = (
    Peer("straightforward numpy", "numpy", "numpy", 1_000_000, "the whole job, all paths held in arrays"),
    Peer("plain Python loop", "loop", "", 5_000, "the whole job, path by path, quantiles from sorted lists"),
    Peer(
        "statsmodels simulate_var",
        "statsmodels",
        "statsmodels",
        200_000,
        "a part: paths of the vector autoregression with normal news; no heavy tails, trend error, shocks, targets "
        "or quantiles",
    ),
    Peer(
        "numpyro Predictive(parallel=True)",
        "numpyro",
        "numpyro",
        100_000,
        "the whole job: paths by numpyro in single precision, odds and quantiles of them by numpy",
    ),
    Peer(
        "chaospy sample, random",
        "chaospy",
        "chaospy",
        50_000,
        "the whole job: 44 independent inputs sampled by chaospy, model, odds and quantiles by numpy",
    ),
    Peer(
        "squigglepy, scalar model",
        "squigglepy_scalar",
        "squigglepy",
        1_000,
        "the whole job: one call of the model a path, odds and quantiles by numpy",
    ),
    Peer(
        "squigglepy, sampled arrays",
        "squigglepy_arrays",
        "squigglepy",
        100_000,
        "the whole job: inputs sampled by squigglepy, model, odds and quantiles by numpy",
    ),
)


class Worker:
    """A process that does a peer's job whenever it is asked to, so that peers can be timed in turn."""

    def __init__(self, python: str, peer: Peer, numbers: Path) -> None:
        command = [python, str(Path(__file__)), peer.job, peer.package, str(peer.n_paths), str(numbers)]
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below; an unread pipe fills up
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True
        )

    def ask(self, seed: int) -> dict[str, Any]:
        """Do the job once; seconds and odds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{seed}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: what it said is read below
        answer = self._process.stdout.readline()
        if not answer:
            self._process.wait()
            self._said.seek(0)
            lines = self._said.read().strip().splitlines()
            raise RuntimeError(lines[-1] if lines else "ended without an answer")
        done: dict[str, Any] = json.loads(answer)
        return done

    def close(self) -> None:
        """End the process."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._said.close()


def serve(job: str, package: str, n_paths: int, path: Path) -> None:
    """Answer each line of input, a seed, with a line of JSON."""
    with np.load(path) as stored:
        numbers = Numbers(**{name: np.asarray(stored[name]) for name in Numbers._fields})
    answers, sys.stdout = sys.stdout, sys.stderr  # what a peer prints must not look like an answer
    for line in sys.stdin:
        start = time.perf_counter()
        result = JOBS[job](numbers, n_paths, int(line))
        seconds = time.perf_counter() - start
        odds = {name: np.asarray(result[name]).tolist() for name in ("met", "both", "joint") if name in result}
        answer = {"seconds": seconds, "odds": odds, "version": version(package) if package else sys.version.split()[0]}
        print(json.dumps(answer), file=answers, flush=True)


def find_python(package: str, folder: Path) -> str:
    """An interpreter that can import a package: this one, or that of a new environment.

    Raises
    ------
    RuntimeError
        If the package does not install in time.
    """
    if not package or find_spec(package):
        return sys.executable
    place = folder / package
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(place, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"skipped: did not install within {INSTALL_SECONDS} s") from error
        except subprocess.CalledProcessError as error:
            raise RuntimeError("skipped: did not install: " + error.stderr.strip().splitlines()[-1]) from error
    return str(python)


@dataclass
class Entry:
    """What has been measured of a peer or of the package."""

    n_paths: int
    scope: str
    version: str = ""
    first_call: float = 0.0
    seconds: list[float] = field(default_factory=list)
    odds: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""

    def add(self, answer: dict[str, Any], warm: bool) -> None:
        """Add an answer; the first one is the warm-up."""
        self.version = answer["version"]
        self.odds.append(answer["odds"])
        if warm:
            self.seconds.append(answer["seconds"])
        else:
            self.first_call = answer["seconds"]

    def find_deviation(self, exact: dict[str, Any]) -> float | None:
        """Largest difference from the exact odds, in standard errors of all answers together."""
        deviations = []
        for name, right in exact.items():
            given = [np.asarray(odds[name]) for odds in self.odds if name in odds]
            if given:
                error = np.sqrt(np.asarray(right) * (1 - np.asarray(right)) / (self.n_paths * len(given)))
                deviations.append(np.abs((np.mean(given, axis=0) - right) / error).max())
        return float(max(deviations)) if deviations else None


def measure(tasks: dict[str, Callable[[int], dict[str, Any]]], entries: dict[str, Entry]) -> None:
    """Time all tasks in turn, after one call each that is a warm-up; a task that fails leaves the turn."""
    left = dict(tasks)
    for repetition in range(REPETITIONS + 1):
        for name in list(left):
            try:
                entries[name].add(left[name](1 + repetition), warm=repetition > 0)
            except RuntimeError as error:
                entries[name].problem = f"skipped: {error}"
                del left[name]


def tabulate(entries: dict[str, Entry], engine: str, exact: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is printed of each; a ratio is the median over turns, as both are timed in the same one."""
    package = [seconds / entries[engine].n_paths for seconds in entries[engine].seconds]
    table: dict[str, dict[str, Any]] = {}
    for name, entry in entries.items():
        if entry.problem:
            table[name] = {"skipped": entry.problem.removeprefix("skipped: "), "scope": entry.scope}
            continue
        rate = entry.n_paths / statistics.median(entry.seconds)
        ratios = [took / entry.n_paths / own for took, own in zip(entry.seconds, package, strict=True)]
        deviation = entry.find_deviation(exact)
        table[name] = {
            "paths per second": float(f"{rate:.3g}"),
            "package over this": float(f"{statistics.median(ratios):.3g}"),
            "paths timed": entry.n_paths,
            "first call, seconds": round(entry.first_call, 2),
            "version": entry.version,
            "scope": entry.scope,
            "largest |z| of its odds": None if deviation is None else round(deviation, 1),
        }
    return table


def main() -> None:
    from job import build_job
    from straightforward import gather

    import sim

    model, scenario = build_job()
    best = sim.run(model, [scenario], n_calibrations=0, method="analytic").attainments[0]
    exact = {"met": best.met[0], "joint": best.joint[best.joint.group == "headline"].probability.iloc[-1]}

    def run_package(seed: int) -> dict[str, Any]:
        start = time.perf_counter()
        done = sim.run(
            model, [scenario], n_paths=ENGINE_PATHS, seed=seed, n_calibrations=0, method="paths"
        ).attainments[0]
        seconds = time.perf_counter() - start
        joint = done.joint[done.joint.group == "headline"].probability.iloc[-1]
        return {"seconds": seconds, "odds": {"met": done.met[0], "joint": joint}, "version": sim.__version__}

    entries = {"target-simulator": Entry(ENGINE_PATHS, "the whole job and its odds by quarter and reading")}
    tasks: dict[str, Callable[[int], dict[str, Any]]] = {"target-simulator": run_package}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        np.savez(folder / "job.npz", **gather(model, scenario)._asdict())
        for peer in PEERS:
            entries[peer.name] = Entry(peer.n_paths, peer.scope)
            try:
                worker = Worker(find_python(peer.package, folder), peer, folder / "job.npz")
            except RuntimeError as error:
                entries[peer.name].problem = str(error)
                continue
            stack.callback(worker.close)
            tasks[peer.name] = worker.ask
        measure(tasks, entries)
    print(json.dumps(tabulate(entries, "target-simulator", exact), indent=2))  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
