"""Executors: pieces of work handed to threads, processes or a cluster, their results taken in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from sim.errors import InputError, advise_install, blame

__all__ = ["MOST_OWN_THREADS", "SerialExecutor", "do_pieces", "open_executor", "open_threads"]

MOST_OWN_THREADS = 4
"""Most threads that are opened unasked. Each needs up to 300 MB for a plan of eighty targets."""


_AHEAD = 16  # pieces handed out before the first is taken back, where the number of workers is not known


Result = TypeVar("Result")


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
    if executor is None:
        for piece in pieces:
            yield function(*piece)
        return
    waiting: deque[Future[Result]] = deque()
    ahead = getattr(executor, "_max_workers", _AHEAD) + 2  # bounds memory
    try:
        for piece in pieces:
            waiting.append(executor.submit(function, *piece))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


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
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_OWN_THREADS)) as own:
        yield own


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
    if kind not in ("threads", "processes") or (number and not (number.isdigit() and int(number))):
        allowed = "allowed: threads, threads:4, processes, processes:4, dask://HOST:PORT"
        raise InputError([blame("executor", f"unknown '{name}'", allowed, code="unknown")])
    workers = int(number) if number else os.cpu_count()
    if kind == "threads":
        with ThreadPoolExecutor(workers) as executor:
            yield executor
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, get_context("spawn")) as executor:  # a fork would copy threads half-way
        yield executor


@contextmanager
def _open_cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise InputError([blame("executor", "dask is not installed", advise_install("cluster"))]) from None
    try:
        client = Client(f"tcp://{address}", timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        problem = f"no dask scheduler answers at {address} ({type(error).__name__})"
        raise InputError([blame("executor", problem, "start one with: dask scheduler")]) from None
    with client:
        yield client.get_executor()  # type: ignore[no-untyped-call]
