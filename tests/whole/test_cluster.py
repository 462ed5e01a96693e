"""A cluster: two worker processes give the same numbers as one thread, to the bit, though one is killed half-way."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from small_models import make_scenario, make_shock
from small_plans import write_counties

from sim.analysis.sweep.running import sweep
from sim.cli import main
from sim.engine import executors
from sim.engine.executors import open_executor
from sim.engine.run import run
from sim.engine.streams import BLOCK
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.results.run import Run

pytestmark = pytest.mark.slow

distributed = pytest.importorskip("distributed")


def simulate_with(model: Model, executor: Any, **changes: Any) -> Run:
    settings: dict[str, Any] = {"n_paths": 8 * BLOCK + 77, "seed": 3, "n_calibrations": 0, "n_points": 512, **changes}
    storm = make_scenario(storm=make_shock(loadings={"gdp": -1.0}))
    return run(model, [storm], executor=executor, **settings)


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


@contextmanager
def open_client(cluster: Any) -> Iterator[tuple[Any, Callable[[], int]]]:
    """A client of two workers, and what kills one of them."""
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        workers = {*client.run(os.getpid).values()} - {os.getpid()}
        assert len(workers) == 2

        def kill_one() -> int:
            killed = min(workers)
            os.kill(killed, signal.SIGKILL)
            return killed

        yield client, kill_one


def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed(twin: Plan, cluster: Any) -> None:
    model = load_model(twin)
    with open_client(cluster) as (client, kill_one):
        killed: list[int] = []

        def kill_early(done: int, _: int) -> None:
            if done == 1:
                killed.append(kill_one())

        counted = simulate_with(model, client.get_executor(), method="paths", advance=kill_early)
        assert killed
        assert_same_bits(simulate_with(model, None, method="paths"), counted)
        client.wait_for_workers(2, timeout=60)
        assert killed[0] not in client.run(os.getpid).values()
        assert_same_bits(
            simulate_with(model, None, method="analytic"),
            simulate_with(model, client.get_executor(), method="analytic"),
        )


def test_a_sweep_over_a_hundred_plans_loses_a_worker_is_stopped_and_goes_on(cluster: Any, tmp_path: Path) -> None:
    """A thousand cases, ten a plan: each plan's odds are those that it has alone, to the bit."""
    places = write_counties(tmp_path / "counties", 100)
    storm = make_scenario(storm=make_shock(loadings={"gdp": -1.0}))
    design = {"scenario": storm, "design": "list", "vary": {"shocks.storm.probability": [n / 10 for n in range(10)]}}
    models = [load_model(place) for place in places]
    kept: dict[Path, int] = {}
    done: list[int] = []
    pieces = tmp_path / "pieces"
    with open_client(cluster) as (client, kill_one):

        def kill_and_stop(cases: int, of: int) -> None:
            assert of == 1_000
            if cases == 100:
                kill_one()
            if cases == 500:
                kept.update({path: path.stat().st_mtime_ns for path in pieces.glob("cases-*.csv")})
                raise KeyboardInterrupt

        def go_on(cases: int, _: int) -> None:
            assert {path: path.stat().st_mtime_ns for path in kept} == kept
            done.append(cases)

        asked: dict[str, Any] = {"folder": pieces, "executor": client.get_executor()}
        with pytest.raises(KeyboardInterrupt):
            sweep(models, design, advance=kill_and_stop, **asked)
        found = sweep(models, design, advance=go_on, **asked)
    assert len(kept) == 50
    assert done == [*range(510, 1_001, 10)]
    for model in models[::10]:
        among = found[found.plan == model.plan.name].drop(columns="plan").reset_index(drop=True)
        pd.testing.assert_frame_equal(among, sweep(model, design), check_exact=True)
    joint = found[(found.quantity == "joint") & (found.name == "headline") & (found.case == 1)].probability
    assert len(joint) == 100
    assert joint.is_monotonic_increasing  # an ordinary year's growth rises from plan to plan
    assert not pieces.exists()


@pytest.mark.parametrize("other", ["0.0.1", None])
def test_a_worker_with_another_version_is_refused(
    other: str | None, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = executors.list_versions()
    monkeypatch.setattr(distributed.Client, "run", lambda *_, **__: {"tcp://a:1": here, "tcp://b:2": answer})
    answer = ModuleNotFoundError("No module named 'sim'") if other is None else {**here, "target-simulator": other}
    told = "cannot run this package (No module named 'sim')" if other is None else "has target-simulator 0.0.1 ("
    name = cluster.scheduler_address.replace("tcp://", "dask://")
    with pytest.raises(InputError, match=re.escape(f"executor: worker tcp://b:2 {told}")), open_executor(name):
        pass


def test_a_run_from_the_terminal_on_a_cluster_writes_the_same_tables(cluster: Any, tmp_path: Path) -> None:
    address = cluster.scheduler_address.replace("tcp://", "dask://")
    common = ("run", "export-slump", "--paths", BLOCK + 77, "--calibrations", 16, "--no-charts")
    for name, out in ((address, "there"), ("threads:2", "here")):
        words = [str(word) for word in (*common, "--executor", name, "--out", tmp_path / out)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
    for table in ("attainment.csv", "joint.csv", "conditional.csv", "quantiles.csv"):
        assert (tmp_path / "there" / table).read_bytes() == (tmp_path / "here" / table).read_bytes()
