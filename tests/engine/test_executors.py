"""Executors: threads and processes give the same numbers, to the bit; what is not there is told in a line."""

import socket
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.engine.counting import attain, open_tally
from sim.engine.draws import draw
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.executors import do_pieces, open_executor
from sim.engine.paths import Paths, simulate
from sim.engine.run import run
from sim.engine.streams import BLOCK
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario, read_scenario, read_scenarios
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import Attainment
from sim.results.run import Run

distributed = pytest.importorskip("distributed")

FRAMES = ("odds", "joint", "conditional", "quantiles")
N_PATHS = 2 * BLOCK + 77
"""Three pieces, so that their order could matter, of which the last is not whole."""


@pytest.fixture(scope="module")
def chosen(plan: Plan) -> list[Scenario]:
    return read_scenarios(["baseline", "external-and-property"], plan)


def simulate_with(model: Model, scenarios: list[Scenario], executor: Executor | None, **changes: Any) -> Run:
    settings: dict[str, Any] = {"n_paths": N_PATHS, "seed": 3, "n_calibrations": 0, "n_points": 128, **changes}
    return run(model, scenarios, executor=executor, **settings)


@pytest.fixture(scope="module")
def plain(model: Model, chosen: list[Scenario]) -> dict[str, Run]:
    """Each road on one thread."""
    with open_executor("threads:1") as executor:
        return {method: simulate_with(model, chosen, executor, method=method) for method in ("paths", "analytic")}


def assert_same_bits(first: Run, second: Run) -> None:
    assert len(first.attainments) == len(second.attainments)
    for one, other in zip(first.attainments, second.attainments, strict=True):
        assert isinstance(one, Attainment)
        for frame in FRAMES:
            assert getattr(one, frame).equals(getattr(other, frame)), frame
        for group, odds in one.number_met.items():
            np.testing.assert_array_equal(odds, other.number_met[group])
    for one, other in zip(first.attainments, second.attainments, strict=True):
        np.testing.assert_array_equal(one.met_range, other.met_range)


@pytest.mark.parametrize("method", ["paths", "analytic"])
@pytest.mark.parametrize("name", ["threads:2", "threads:8", None])
def test_any_number_of_threads_gives_the_same_bits(
    model: Model, chosen: list[Scenario], plain: dict[str, Run], method: str, name: str | None
) -> None:
    with open_executor(name) as executor:
        assert_same_bits(plain[method], simulate_with(model, chosen, executor, method=method))


@pytest.mark.slow
def test_processes_give_the_same_bits(model: Model, chosen: list[Scenario], plain: dict[str, Run]) -> None:
    with open_executor("processes:2") as executor:
        for method in ("paths", "analytic"):
            assert_same_bits(plain[method], simulate_with(model, chosen, executor, method=method))


def test_calibrations_are_redrawn_alike_anywhere(model: Model, chosen: list[Scenario]) -> None:
    settings = {"n_paths": 100, "n_calibrations": 16, "n_points": 64}
    with open_executor("threads:1") as one, open_executor("threads:8") as eight:
        first, second = (simulate_with(model, chosen, executor, **settings) for executor in (one, eight))
    assert (first.attainments[0].met_range[1] > first.attainments[0].met_range[0]).any()
    assert_same_bits(first, second)


@pytest.fixture(scope="module")
def counted_whole(model: Model, plan: Plan) -> tuple[Paths, Attainment]:
    paths = simulate(model, read_scenario("export-slump", plan), draw(model, 2 * BLOCK, seed=4))
    return paths, attain(paths)


@pytest.mark.parametrize("size", [1_000, BLOCK, BLOCK + 1, 100_000])
def test_chunks_of_any_size_are_counted_to_the_same_numbers(
    model: Model, counted_whole: tuple[Paths, Attainment], size: int
) -> None:
    paths, whole = counted_whole
    tally = open_tally(model, paths.scenario, compile_scenario(model, paths.scenario))
    for begin in range(0, paths.n_paths, size):
        tally.add(paths.cut(slice(begin, begin + size)))
    due = ~np.isnan(whole.met)  # blank where nothing is due
    np.testing.assert_array_equal((tally.met / tally.n_paths)[due], whole.met[due])
    for group, counts in tally.number_met.items():
        np.testing.assert_array_equal(counts / tally.n_paths, whole.number_met[group])
    levels = np.array([0.05, 0.5, 0.95])
    cut = tally.growth.find_quantiles(levels).reshape(-1, 6, 3)
    np.testing.assert_array_equal(cut, whole.growth[:, :, [0, 3, 6]])


def test_results_come_in_the_order_of_the_pieces_and_few_are_handed_out_ahead() -> None:
    taken: list[int] = []

    def list_pieces() -> Iterator[tuple[int]]:
        for number in range(100):
            taken.append(number)
            yield (number,)

    with ThreadPoolExecutor(4) as executor:
        results = do_pieces(str, list_pieces(), executor)
        assert next(results) == "0"
        assert len(taken) < 20
        assert list(results) == [str(number) for number in range(1, 100)]


def test_a_fault_in_a_piece_is_raised_and_the_rest_is_cancelled() -> None:
    class Lazy(Executor):
        """Fulfils the first piece alone."""

        futures: list[Future[Any]] = []  # noqa: RUF012 - one executor in this test

        def submit(self, *_: Any, **__: Any) -> Future[Any]:  # type: ignore[override]
            future: Future[Any] = Future()
            if not self.futures:
                future.set_exception(ZeroDivisionError("piece"))
            self.futures.append(future)
            return future

    with pytest.raises(ZeroDivisionError, match="piece"):
        list(do_pieces(divmod, [(1, 0)] * 40, Lazy()))
    assert 1 < len(Lazy.futures) <= 20  # of forty pieces
    assert all(future.cancelled() for future in Lazy.futures[1:])


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refuse(*words: object) -> str:
    result = call("run", "baseline", "--paths", 10, "--calibrations", 0, "--no-charts", *words)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr


@pytest.mark.parametrize("name", ["clusters", "threads:0", "threads:two", "processes:-1", "dask:host"])
def test_an_unknown_executor_is_refused(name: str, tmp_path: Any) -> None:
    told = refuse("--executor", name, "--out", tmp_path / "out")
    assert f"--executor: unknown '{name}'" in told
    assert "threads, threads:4, processes, processes:4, dask://HOST:PORT" in told
    assert not (tmp_path / "out").exists()


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = distributed.Client
    monkeypatch.setattr(distributed, "Client", lambda address, **rest: patient(address, **{**rest, "timeout": 1}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = refuse("--executor", f"dask://127.0.0.1:{port}", "--out", tmp_path / "out")
    assert f"no dask scheduler answers at 127.0.0.1:{port}" in told
    assert "dask scheduler" in told
    assert not (tmp_path / "out").exists()


def test_a_missing_extra_is_told_with_its_command(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = refuse("--executor", "dask://127.0.0.1:8786", "--out", tmp_path / "out")
    assert 'pip install "target-simulator[cluster]"' in told


def test_a_fault_of_an_executor_names_the_argument() -> None:
    with pytest.raises(InputError, match=r"^executor: unknown 'gpu'"), open_executor("gpu"):
        pass


def test_pieces_can_travel(model: Model, chosen: list[Scenario]) -> None:
    """What is sent to other processes survives pickling, and means the same there."""
    import pickle

    model_there, chosen_there = pickle.loads(pickle.dumps((model, chosen)))
    (here,) = integrate_replicates(model, chosen[:1], 64, 1, range(2))
    (there,) = integrate_replicates(model_there, chosen_there[:1], 64, 1, range(2))
    np.testing.assert_array_equal(here.met, there.met)
