"""The command line as a whole: whatever stops a command, it ends in words."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click

from sim.cli.listing import SUMMARIES
from sim.views.terminal.signs import prepare_streams

__all__ = ["Program"]


class _Terminated(KeyboardInterrupt):
    """SIGTERM, as schedulers and `timeout` send it: cleared up after as Ctrl-C is."""


class Program(click.Group):
    """All commands; no signal, no full disk and no sign that an output lacks ends one in a traceback."""

    def main(self, *words: Any, **settings: Any) -> Any:
        """Run the command line; exit with 2 where something cannot be read or written."""
        prepare_streams()
        try:
            try:
                return super().main(*words, **settings)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()  # while a failure can still be told
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has read enough
                _close_stdout()
                sys.exit(1)
            _close_stdout()
            with suppress(OSError):
                click.echo(
                    f"{error.filename or 'output'}: cannot be read or written ({error.strerror or error})", err=True
                )
            sys.exit(2)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries, without importing them."""
        brief = {name: click.Command(name, help=summary) for name, summary in SUMMARIES.items()}
        click.Group(commands=brief).format_commands(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; exit with 130 after Ctrl-C, with 143 after SIGTERM."""
        try:
            with _hear_signals():
                return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            name, code = ("SIGTERM", 143) if isinstance(stop, _Terminated) else ("Ctrl-C", 130)
            click.echo(f"stopped by {name}: no file is half-written; a sweep goes on when it is called again", err=True)
            ctx.exit(code)


def _close_stdout() -> None:
    """Send what is left in the buffer nowhere, so that Python does not stumble over it at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _hear_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into exceptions, so that what is begun is cleared up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), former, strict=True):
            signal.signal(number, handler)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated
