"""A cluster: two worker processes give the same numbers as threads, to the bit, though one is killed half-way."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.engine.run import run
from sim.engine.streams import BLOCK
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model
from sim.results.run import Run

pytestmark = pytest.mark.slow

distributed = pytest.importorskip("distributed")


def simulate_with(model: Model, plan: Plan, executor: Any, **changes: Any) -> Run:
    settings: dict[str, Any] = {"n_paths": 8 * BLOCK + 77, "seed": 3, "n_calibrations": 0, "n_points": 512, **changes}
    return run(model, read_scenarios(["external-and-property"], plan), executor=executor, **settings)


def assert_same_bits(first: Run, second: Run) -> None:
    (one,), (other,) = first.attainments, second.attainments
    for frame in ("odds", "joint", "conditional", "quantiles"):
        assert getattr(one, frame).equals(getattr(other, frame)), frame
    for group, odds in one.number_met.items():
        np.testing.assert_array_equal(odds, other.number_met[group])


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as local:
        yield local


def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed(model: Model, plan: Plan, cluster: Any) -> None:
    with distributed.Client(cluster, set_as_default=False) as client:
        workers = client.run(os.getpid)
        assert len(set(workers.values())) == 2
        assert os.getpid() not in workers.values()
        killed: list[int] = []

        def kill_one(done: int, _: int) -> None:
            if done == 1:
                killed.append(next(iter(workers.values())))
                os.kill(killed[0], signal.SIGKILL)

        counted = simulate_with(model, plan, client.get_executor(), method="paths", advance=kill_one)
        assert killed
        assert_same_bits(simulate_with(model, plan, None, method="paths"), counted)
        client.wait_for_workers(2, timeout=60)
        assert killed[0] not in client.run(os.getpid).values()
        assert_same_bits(
            simulate_with(model, plan, None, method="analytic"),
            simulate_with(model, plan, client.get_executor(), method="analytic"),
        )


def test_a_run_from_the_terminal_on_a_cluster_writes_the_same_tables(cluster: Any, tmp_path: Path) -> None:
    address = cluster.scheduler_address.replace("tcp://", "dask://")
    common = ("run", "export-slump", "--paths", 3 * BLOCK, "--calibrations", 16, "--no-charts")
    for name, out in ((address, "there"), ("threads:2", "here")):
        words = [str(word) for word in (*common, "--executor", name, "--out", tmp_path / out)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
    for table in ("attainment.csv", "joint.csv", "conditional.csv", "quantiles.csv"):
        assert (tmp_path / "there" / table).read_bytes() == (tmp_path / "here" / table).read_bytes()
