"""The benchmark's job is what it says, and what is timed on it gives the right odds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.run import run
from sim.results.attainment import Attainment

pytestmark = pytest.mark.slow

N_PATHS = 200_000
FAR = 4.5  # standard errors


@pytest.fixture(scope="module")
def bench() -> Iterator[SimpleNamespace]:
    """The benchmark's files, imported by their place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
        names = ("job", "straightforward", "skilled", "peer_jobs", "peers", "run")
        modules = {name: import_module(name) for name in names}
        model, scenario = modules["job"].build_job()
        numbers = modules["straightforward"].gather(model, scenario)
        yield SimpleNamespace(**modules, model=model, scenario=scenario, numbers=numbers)


@pytest.fixture(scope="module")
def exact(bench: SimpleNamespace) -> dict[str, np.ndarray]:
    return read_odds(follow_road(bench, "analytic"))


@pytest.fixture(scope="module")
def straightforward(bench: SimpleNamespace) -> dict[str, np.ndarray]:
    done: dict[str, np.ndarray] = bench.straightforward.simulate_straightforward(
        bench.model, bench.scenario, N_PATHS, 7
    )
    return done


def follow_road(bench: SimpleNamespace, method: str, **changes: object) -> Attainment:
    model = replace(bench.model, law=replace(bench.model.law, **changes))
    n_paths = N_PATHS if method == "paths" else 1_000
    return run(model, [bench.scenario], n_paths=n_paths, n_calibrations=0, method=method, n_points=1024).attainments[0]


def read_odds(attainment: Attainment) -> dict[str, np.ndarray]:
    """The six marginal, fifteen pair and joint probabilities, and the quantiles; a pair from what is met if missed."""
    met = attainment.met[0]
    both = met[None] - attainment.if_missed * (1 - met[:, None])
    return {
        "met": met,
        "both": both[np.triu_indices(len(met), 1)],
        "joint": attainment.number_met["headline"][-1],
        "quarterly": np.moveaxis(attainment.growth[:4], -1, 0),
        "annual": attainment.growth[-1].T,
    }


def measure_gap(odds: dict[str, np.ndarray], right: dict[str, np.ndarray], n_paths: float) -> float:
    """Largest difference of the 22 probabilities, in standard errors of so many paths."""
    first, second = (np.hstack([each["met"], each["both"], each["joint"]]) for each in (odds, right))
    assert len(second) == 22
    return float(np.abs((first - second) / np.sqrt(second * (1 - second) / n_paths)).max())


def test_the_job_is_the_one_described(bench: SimpleNamespace, exact: dict[str, np.ndarray]) -> None:
    law, shocks = bench.model.law, bench.scenario.shocks.values()
    assert law.path.shape == (4, 6)
    assert (law.persistence != 0).all()
    assert np.abs(np.linalg.eigvals(law.persistence)).max() == pytest.approx(bench.job.RADIUS, abs=1e-12)
    news = bench.numbers.news_root @ bench.numbers.news_root.T
    sd = np.sqrt(np.diag(news))
    assert np.abs((news / np.outer(sd, sd))[np.triu_indices(6, 1)]).max() < 0.5
    np.testing.assert_allclose(sd, bench.job.INNOVATION_SD)
    np.testing.assert_allclose(law.shares.sum(axis=0), 1)
    assert law.degrees_of_freedom == 5
    assert not law.trend_common.any()
    assert (law.trend_own > 0).all()
    assert {min(shock.probability for shock in shocks), max(shock.probability for shock in shocks)} == {0.03, 0.15}
    assert all(len(shock.loadings) == 6 and set(shock.onset.values()) == {0.25} for shock in shocks)
    assert len(bench.model.plan.judged) == len(bench.model.plan.headline) == 6
    assert exact["met"].min() > 0.1
    assert exact["met"].max() < 0.7
    assert exact["joint"] == pytest.approx(0.0876, abs=0.005)


@pytest.mark.parametrize("method", ["analytic", "paths"])
def test_straightforward_numpy_and_both_roads_agree(
    bench: SimpleNamespace, straightforward: dict[str, np.ndarray], method: str
) -> None:
    road = read_odds(follow_road(bench, method))
    assert measure_gap(straightforward, road, N_PATHS if method == "analytic" else N_PATHS / 2) < FAR


def test_what_a_skilled_user_writes_is_right(bench: SimpleNamespace, exact: dict[str, np.ndarray]) -> None:
    found = bench.skilled.estimate(bench.numbers, 256, 3).mean(axis=1)
    np.testing.assert_allclose(found, np.hstack([exact["met"], exact["both"], exact["joint"]]), atol=3e-3)


def test_quantiles_of_straightforward_numpy_are_those_of_the_exact_road(
    bench: SimpleNamespace, straightforward: dict[str, np.ndarray], exact: dict[str, np.ndarray]
) -> None:
    levels = np.array(bench.straightforward.LEVELS)
    for kind in ("quarterly", "annual"):
        right = exact[kind]
        level = levels.reshape(-1, *[1] * (right.ndim - 1))
        density = np.gradient(levels, axis=0).reshape(level.shape) / np.gradient(right, axis=0)  # near enough
        error = np.sqrt(level * (1 - level) / N_PATHS) / density
        assert (
            np.abs((straightforward[kind] - right) / error).max() < 12
        )  # the exact road stands on points, with an error of their own


def test_standard_errors_of_straightforward_numpy_are_of_counting(straightforward: dict[str, np.ndarray]) -> None:
    for name in ("met", "both", "joint"):
        share = straightforward[name]
        np.testing.assert_allclose(straightforward[f"{name}_se"], np.sqrt(share * (1 - share) / N_PATHS))


def test_a_job_changed_in_one_number_is_found_out(
    bench: SimpleNamespace, straightforward: dict[str, np.ndarray]
) -> None:
    changed = follow_road(bench, "analytic", trend_own=bench.model.law.trend_own * 1.1)
    assert measure_gap(straightforward, read_odds(changed), N_PATHS) > FAR


@pytest.mark.parametrize("n_paths", [1, 16_384, 100_000])
def test_the_floor_draws_what_the_job_needs(bench: SimpleNamespace, n_paths: int) -> None:
    chances = sum(shock.probability for shock in bench.scenario.shocks.values())
    a_path = 30 + 4 + 5 + chances
    assert bench.straightforward.draw_floor(n_paths, 1) == pytest.approx(a_path * n_paths, abs=1)


@pytest.mark.parametrize(("job", "n_paths"), [("loop", 4_000), ("numpy", 50_000)])
def test_peers_that_need_no_package_agree(
    bench: SimpleNamespace, exact: dict[str, np.ndarray], job: str, n_paths: int
) -> None:
    done = bench.peer_jobs.JOBS[job](bench.numbers, n_paths, 3)
    assert measure_gap(done, exact, n_paths) < FAR
    assert np.asarray(done["annual"]).size == 42


def test_the_model_of_peers_that_only_sample_agrees(bench: SimpleNamespace, exact: dict[str, np.ndarray]) -> None:
    rng, numbers, n_paths = np.random.default_rng(5), bench.numbers, 50_000
    growth = bench.peer_jobs.evaluate(
        numbers,
        rng.standard_normal((30, n_paths)),
        rng.chisquare(5, (4, n_paths)),
        rng.random((5, n_paths)),
        rng.lognormal(numbers.log_median[:, None], numbers.sigma[:, None], (5, n_paths)),
    )
    annual = (growth * numbers.shares).sum(axis=1)
    assert measure_gap(bench.straightforward.report(growth, annual, numbers.thresholds), exact, n_paths) < FAR


def test_a_worker_answers_in_its_own_process(bench: SimpleNamespace, tmp_path: Path) -> None:
    np.savez(tmp_path / "job.npz", **bench.numbers._asdict())
    peer = next(peer for peer in bench.peers.PEERS if peer.job == "loop")
    python = bench.peers.find_python(peer.package, tmp_path)
    worker = bench.peers.Worker(python, replace(peer, n_paths=200), tmp_path / "job.npz")
    try:
        first, again = worker.ask(3), worker.ask(3)
    finally:
        worker.close()
    assert first["seconds"] > 0
    assert first["odds"] == again["odds"]
    assert first["odds"] == json.loads(json.dumps(pick_odds(bench.peer_jobs.run_loop(bench.numbers, 200, 3))))


def pick_odds(done: dict[str, object]) -> dict[str, object]:
    return {name: done[name] for name in ("met", "both", "joint")}


def test_a_peer_that_fails_is_skipped_and_the_table_says_so(bench: SimpleNamespace) -> None:
    def answer(seconds: list[float]) -> object:
        return lambda turn: {"seconds": seconds[turn - 1], "odds": {"met": [0.5]}, "version": "1"}

    def fail(turn: int) -> dict[str, object]:
        raise RuntimeError(f"broke in turn {turn}")

    names = ("own", "slow", "broken")
    entries = {name: bench.peers.Entry(100, "all") for name in names}
    tasks = {"own": answer([9, 1, 2, 4]), "slow": answer([9, 3, 20, 12]), "broken": fail}
    bench.peers.measure(tasks, entries)
    table = bench.peers.tabulate(entries, "own", {"met": np.array([0.4])})
    assert table["broken"] == {"skipped": "broke in turn 1", "scope": "all"}
    assert table["slow"]["package over this"] == 3.0  # of 3, 10 and 3: turn by turn
    assert table["slow"]["paths per second"] == pytest.approx(100 / 12, rel=0.01)
    assert table["slow"]["largest |z| of its odds"] == 4.1  # 0.1 over the error of 400 paths


def test_a_case_of_a_sweep_can_be_timed(bench: SimpleNamespace) -> None:
    assert bench.run.time_a_case(2) > 0
