"""Processor seconds and memory: of tasks in turn, and of processes of their own."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent

Report = dict[str, object]


def time_in_turn(
    repetitions: int = 5, clock: Callable[[], float] = time.process_time, **tasks: Callable[[], object]
) -> dict[str, float]:
    """Median seconds of each task, run in turn after one warm-up: a slow or busy machine slows all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for repetition in range(repetitions + 1):
        for name, task in tasks.items():
            start = clock()
            task()
            if repetition:
                seconds[name].append(clock() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def spend(command: Sequence[str]) -> float:
    """Processor seconds of a command, its children's included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def call_apart(call: str) -> dict[str, float]:
    """Processor seconds of the second half of a call in a process of its own, and the process's peak in MB.

    The call is `module.function(...)` of this folder; the function makes ready and returns what is to be timed.
    """
    module = call.partition(".")[0]
    code = f"import sys; sys.path[:0] = {[str(FOLDER), str(FOLDER.parent)]!r}; import {module}, timing; "
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{code}timing.tell({call})"], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(task: Callable[[], object]) -> None:
    """Do a task and print what it took; `resource` would count the parent's memory, of which a process is a copy."""
    start = sum(os.times()[:4])
    task()
    seconds = sum(os.times()[:4]) - start  # with those of its children that have ended
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps({"seconds": seconds, "MB": int(status["VmHWM"].removesuffix("kB")) / 1024}))  # noqa: T201


def shorten(value: object) -> object:
    """Three digits of every figure."""
    if isinstance(value, dict):
        return {str(key): shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shorten(item) for item in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


def print_rows(rows: dict[str, Callable[[], Report]], named: Sequence[str]) -> None:
    """Print the rows that are named, or all, each when it is done."""
    for name in named or rows:
        print(json.dumps(shorten(rows[name]()), indent=2), flush=True)  # noqa: T201
