"""Executors: pieces of work handed to threads, processes or a cluster, their results taken in order."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from sim.errors import Fault, InputError, advise_install, blame, blame_kind

__all__ = ["MOST_OWN_THREADS", "SerialExecutor", "do_pieces", "list_versions", "open_executor", "open_threads"]

MOST_OWN_THREADS = 4
"""Most threads that are opened unasked. Each needs up to 300 MB for a plan of eighty targets."""


_AHEAD = 16
"""Pieces handed out before the first is taken back, where the number of workers is not known."""


_MOST = 1024  # threads or processes


_PATIENCE = 4
"""Seconds that a scheduler may take to answer, or to come back."""


_LONGEST = 1_000_000
"""Bytes of a scheduler's greeting."""


_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")


_ALLOWED = "allowed: threads, threads:4, processes, processes:4, dask://HOST:PORT"


Result = TypeVar("Result")


Pool = TypeVar("Pool", bound=Executor)


def do_pieces(
    function: Callable[..., Result], pieces: Iterable[tuple[Any, ...]], executor: Executor | None = None
) -> Iterator[Result]:
    """Results of a function over pieces of work, in the order of the pieces.

    Parameters
    ----------
    function : callable
        At the top level of a module, so that other processes find it.
    pieces : iterable of tuple
        Arguments of each call; drawn as they are needed.
    executor : Executor, optional
        Anything with the interface of `concurrent.futures.Executor`: threads, processes,
        `distributed.Client.get_executor()`, `mpi4py.futures.MPIPoolExecutor`. None does each piece where it is
        called.

    Examples
    --------
    >>> list(do_pieces(divmod, [(7, 2), (9, 4)]))
    [(3, 1), (2, 1)]
    """
    if executor is not None and not hasattr(executor, "submit"):
        allowed = "leave it out, or open one with concurrent.futures or dask.distributed"
        raise InputError([blame_kind("executor", executor, "an executor", allowed)])
    if executor is None:
        for piece in pieces:
            yield function(*piece)
        return
    waiting: deque[Future[Result]] = deque()
    ahead = _count_workers(executor) + 2  # bounds memory
    try:
        for piece in pieces:
            with _tell_loss():
                waiting.append(executor.submit(function, *piece))
            if len(waiting) >= ahead:
                yield _take(waiting)
        while waiting:
            yield _take(waiting)
    finally:
        for future in waiting:
            future.cancel()


def _count_workers(executor: Executor) -> int:
    """Count the workers of a pool, or twice the threads of a cluster, whose answers are longer on their way."""
    client = getattr(executor, "_client", None)
    if client is None:
        return int(getattr(executor, "_max_workers", _AHEAD))
    with _tell_loss():
        threads: dict[str, int] = client.nthreads()
    return max(_AHEAD, 2 * sum(threads.values()))


def _take(waiting: deque[Future[Result]]) -> Result:
    with _tell_loss():
        return waiting.popleft().result()


@contextmanager
def _tell_loss() -> Iterator[None]:
    """Say in a line that workers or their scheduler are gone; errors of the work itself pass."""
    try:
        yield
    except (Exception, _find_cancelled()) as error:
        is_loss = isinstance(error, BrokenExecutor | CancelledError | _find_cancelled())
        if not is_loss and type(error).__module__.partition(".")[0] != "distributed":
            raise
        problem = f"the workers were lost ({type(error).__name__})"
        raise InputError([blame("executor", problem, "run it again: a sweep goes on where it was")]) from None


def _find_cancelled() -> type[BaseException]:
    """Find the error by which a cluster says that work was cancelled, imported only once something went wrong."""
    import asyncio

    return asyncio.CancelledError


class SerialExecutor(Executor):
    """Does each piece at once, where it is called: for work inside a piece, so that pieces do not open threads."""

    def submit(self, function: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Do a call at once.

        Returns
        -------
        Future
            Finished, with the result or the exception of the call.
        """
        future: Future[Result] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # handed on by the future, as every executor does
            future.set_exception(error)
        return future


@contextmanager
def open_threads(executor: Executor | None) -> Iterator[Executor]:
    """Open some threads where no executor is given, for pieces of few and long steps.

    Threads are no help to shorter steps, as they wait for one another in between.

    Parameters
    ----------
    executor : Executor, optional
        Handed on as it is.

    Yields
    ------
    Executor
        Closed at the end only if it was opened here.

    Examples
    --------
    >>> with open_threads(None) as executor:
    ...     list(do_pieces(abs, [(-1,), (2,)], executor))
    [1, 2]
    """
    if executor is not None:
        yield executor
        return
    with _open_pool(ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_OWN_THREADS))) as own:
        yield own


@contextmanager
def _open_pool(pool: Pool) -> Iterator[Pool]:
    """Close a pool in the end; whoever is stopped does not wait for the pieces that are being done."""
    try:
        yield pool
    except KeyboardInterrupt:
        for process in [*(getattr(pool, "_processes", None) or {}).values()]:
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def open_executor(name: str | None) -> Iterator[Executor | None]:
    """Open the executor of a name.

    Parameters
    ----------
    name : str, optional
        `threads`, `processes`, either with a number as in `threads:4`, or `dask://HOST:PORT`, the scheduler of a
        cluster whose workers have this package; None means none.

    Yields
    ------
    Executor or None

    Raises
    ------
    InputError
        If the name means nothing, the extra is missing or no scheduler answers.

    Examples
    --------
    >>> with open_executor("threads:2") as executor:
    ...     list(do_pieces(abs, [(-1,), (2,)], executor))
    [1, 2]
    """
    if name is None:
        yield None
        return
    kind, _, number = name.partition(":")
    if kind == "dask" and number.startswith("//"):
        with _open_cluster(number.removeprefix("//")) as executor:
            yield executor
        return
    if kind not in ("threads", "processes") or (number and not (number.isdecimal() and 0 < int(number) <= _MOST)):
        raise InputError([blame("executor", f"unknown '{name}'", _ALLOWED, code="unknown")])
    workers = int(number) if number else os.cpu_count()
    if kind == "threads":
        with _open_pool(ThreadPoolExecutor(workers)) as threads:
            yield threads
        return
    import signal
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    quiet = signal.signal, (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to workers too; they end with their owner
    context = get_context("spawn")  # a fork would copy threads half-way
    with _open_pool(ProcessPoolExecutor(workers, context, *quiet)) as processes:
        yield processes


@contextmanager
def _open_cluster(address: str) -> Iterator[Executor]:
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 65536:
        raise InputError([blame("executor", f"unknown 'dask://{address}'", _ALLOWED, code="unknown")])
    try:
        from distributed import Client
    except ImportError:
        raise InputError([blame("executor", "dask is not installed", advise_install("cluster"))]) from None
    for name in [each for each in logging.Logger.manager.loggerDict if each.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is told in a line
    try:
        _greet(found[1].strip("[]"), int(found[2]))
        client = Client(f"tcp://{address}", timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        problem = f"no dask scheduler answers at {address} ({type(error).__name__})"
        raise InputError([blame("executor", problem, "start one with: dask scheduler")]) from None
    try:
        _compare_workers(client)
        yield client.get_executor()  # type: ignore[no-untyped-call]
    finally:
        with suppress(Exception):
            client.close(timeout=_PATIENCE)  # type: ignore[no-untyped-call]


def list_versions() -> dict[str, str]:
    """List the versions that results depend on, of wherever this is called.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> [*list_versions()]
    ['target-simulator', 'python', 'numpy', 'scipy']
    """
    import platform

    import numpy as np
    import scipy

    from sim._version import __version__

    python = ".".join(platform.python_version_tuple()[:2])
    return {"target-simulator": __version__, "python": python, "numpy": np.__version__, "scipy": scipy.__version__}


def _compare_workers(client: Any) -> None:
    """Refuse a cluster some worker of which lacks this package, or has other versions: bits would differ."""
    here = list_versions()
    with _tell_loss():
        found: dict[str, object] = client.run(list_versions, on_error="return")
    faults = list[Fault]()
    for worker, there in found.items():
        if not isinstance(there, dict):
            problem = f"cannot run this package ({there})"
        elif there != here:
            problem = "has " + ", ".join(f"{name} {there.get(name)} ({here[name]} here)" for name in here)
        else:
            continue
        faults.append(blame("executor", f"worker {worker} {problem}", "install the same versions on every worker"))
    if faults:
        raise InputError(faults)


def _greet(host: str, port: int) -> None:
    """Hear whether a scheduler speaks first, as dask's do, in a message of sensible length."""
    with socket.create_connection((host, port), timeout=_PATIENCE) as line:
        line.settimeout(_PATIENCE)
        heard = b""
        while len(heard) < 8:
            more = line.recv(8 - len(heard))
            if not more:
                raise ConnectionError
            heard += more
        if int.from_bytes(heard, "little") > _LONGEST:
            raise ConnectionError
