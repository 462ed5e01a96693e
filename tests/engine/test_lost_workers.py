"""Workers, schedulers and servers that are not what they should be: a line within seconds, nothing written."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.engine.executors import do_pieces, open_executor
from sim.errors import InputError

pytest.importorskip("distributed")


@contextmanager
def serve(greeting: bytes) -> Iterator[int]:
    """A server that is no scheduler: says this much to whoever comes, then keeps silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def answer() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                line.sendall(greeting)
                kept.append(line)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.close()
        for line in kept:
            line.close()


def refuse(name: str, folder: Path) -> str:
    started = time.monotonic()
    words = ["run", "baseline", "--paths", "500", "--calibrations", "0", "--no-charts", "--method", "paths"]
    answer = CliRunner().invoke(main, [*words, "--executor", name, "--out", str(folder / "out")])
    assert answer.exit_code == 2, answer.exception
    assert time.monotonic() - started < 15
    assert answer.stderr.count("\n") == 1
    assert [*folder.iterdir()] == []
    return answer.stderr


@pytest.mark.parametrize(
    "greeting",
    [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"220 mail ready\r\n", (60).to_bytes(8, "little") + b"\x01" + bytes(59)],
    ids=["silent", "ssh", "mail", "a greeting of zeros"],
)
def test_a_server_that_is_no_scheduler_is_told_in_a_line(greeting: bytes, tmp_path: Path) -> None:
    with serve(greeting) as port:
        assert f"no dask scheduler answers at 127.0.0.1:{port}" in refuse(f"dask://127.0.0.1:{port}", tmp_path)


@pytest.mark.parametrize(
    "name", ["dask://", "dask://a b:c", "dask://host", "dask://host:0", "dask://:8786", "dask://h:99999"]
)
def test_an_address_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    assert refuse(name, tmp_path).startswith(f"--executor: unknown '{name}'; allowed: threads")


def die(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
def test_a_lost_process_is_told() -> None:
    with (
        pytest.raises(InputError, match=r"^executor: the workers were lost \(BrokenProcessPool\); run it again"),
        open_executor("processes:2") as executor,
    ):
        list(do_pieces(die, [(number,) for number in range(8)], executor))


@pytest.mark.slow
def test_a_lost_scheduler_is_told_within_seconds(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom distributed import LocalCluster\nif __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=1, processes=False, protocol='tcp://', dashboard_address=':0') as it:\n"
        "        print(it.scheduler_address, flush=True)\n        time.sleep(300)\n"
    )
    (tmp_path / "scheduler.py").write_text(code)
    owner = subprocess.Popen([sys.executable, tmp_path / "scheduler.py"], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    address = owner.stdout.readline().strip().replace("tcp", "dask")
    out = tmp_path / "out"
    words = ["run", "baseline", "--method", "paths", "--paths", "1e9", "--executor", address, "--out", str(out)]
    run = subprocess.Popen([sys.executable, "-m", "sim", *words], stderr=subprocess.PIPE, text=True)
    try:
        while not any(path.name.startswith(".sim-") for path in tmp_path.iterdir()):
            time.sleep(0.1)
            assert run.poll() is None
        time.sleep(5)
        owner.kill()
        started = time.monotonic()
        _, told = run.communicate(timeout=60)
        assert time.monotonic() - started < 15
        assert run.returncode == 2, told
        assert told.startswith("--executor: the workers were lost (")
        assert told.count("\n") == 1
    finally:
        owner.kill()
        owner.communicate()
        run.kill()
        run.communicate()
