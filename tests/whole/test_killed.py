"""Whatever is killed, at whatever file-system event: what was there is whole, and the next start clears up."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal, in forked processes")

DRIVER = """\
import sys
import killing
group = {"small": killing.writers, "real": killing.main}[sys.argv[1]]
situation = [each for each in (*killing.SMALL, *killing.REAL) if each.name == sys.argv[2]][0]
shots = 0
for name in killing.SIGNALS:
    for before, after, outcome in killing.kill_everywhere(situation, group, name):
        shots += 1
        for line in killing.judge(situation, name, before, after, outcome):
            print(line)
print("killed", shots)
"""
NAMES = ("nothing there", "an empty folder", "an earlier result", "files of the user's", "the current folder", "a page")


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_any_event_loses_nothing(name: str) -> None:
    tests = Path(__file__).parents[1]
    words = [sys.executable, "-c", DRIVER, "small", name]
    path = f"{tests}:{tests.parent}"
    done = subprocess.run(words, env={"PYTHONPATH": path, "PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *faults, last = done.stdout.splitlines()
    assert faults == []
    assert int(last.split()[1]) >= 15
