"""The report: a run as one self-contained HTML file, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sim.analysis.headline_answers import HeadlineAnswer
from sim.analysis.suspense import Suspense
from sim.inputs.files.writing import check_file, write_file
from sim.results.run import Run
from sim.results.soundness import check_run

__all__ = ["build_report", "check_report", "write_report"]

_ENDINGS = (".html", ".htm")


def build_report(
    run: Run,
    lang: str = "both",
    command: Sequence[str] = (),
    suspense: Suspense | None = None,
    made: date | None = None,
    answers: Sequence[HeadlineAnswer] = (),
) -> str:
    """Build a run as the text of an HTML page that needs no network and no other file.

    Parameters
    ----------
    run : Run
    lang : str
        `en`, `zh`, or `both`, with a switch in the page.
    command : sequence of str
        The command line, for the foot of the page.
    suspense : Suspense, optional
        What may be printed next, for a section of its own.
    made : date, optional
        The day on which the page is made; None leaves it unsaid.
    answers : sequence of HeadlineAnswer
        As `sim.analysis.headline_answers.answer_headline` gives them, for another.

    Returns
    -------
    str
        The same run gives the same text on the same day.

    Raises
    ------
    ValueError
        If `lang` is another one.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> scenarios = sim.read_scenarios(["baseline"], plan)
    >>> result = sim.run(sim.load_model(plan), scenarios, n_paths=1000, n_calibrations=0)
    >>> build_report(result, lang="en").splitlines()[0]
    '<!DOCTYPE html>'
    """
    from sim.views.page.page import CHOICES, render_page

    if lang not in CHOICES:
        raise ValueError(f"no report in language {lang!r}; allowed: {', '.join(CHOICES)}")
    return render_page(run, lang, command, suspense, made, answers)


def check_report(path: str | Path, force: bool = False) -> Path:
    """Refuse, before any work is done, a file that a report could not be written to.

    Parameters
    ----------
    path : str or Path
    force : bool
        Whether an existing file may be replaced although it is not as this program wrote it.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If the name does not end in .html, it is a folder, its folder does not exist, or it would be lost.

    Examples
    --------
    >>> check_report("odds.pdf")
    Traceback (most recent call last):
    sim.errors.OutputError: odds.pdf: not a page; the name must end in .html
    """
    return check_file(path, endings=_ENDINGS, noun="a page", force=force)


def write_report(
    run: Run,
    path: str | Path,
    lang: str = "both",
    command: Sequence[str] = (),
    *,
    force: bool = False,
    suspense: Suspense | None = None,
    made: date | None = None,
    answers: Sequence[HeadlineAnswer] = (),
) -> Path:
    """Write a run as one HTML file, wholly or not at all.

    Parameters
    ----------
    run : Run
    path : str or Path
        A new file, or an earlier page, which is replaced.
    lang, command, suspense, made, answers
        As for `build_report`.
    force : bool
        Whether to replace an existing file even if it is not as this program wrote it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If `run` is none.
    OutputError
        As `check_report`, or if the file cannot be written; nothing has changed then.
    """
    check_run(run)
    path = check_report(path, force)
    page = build_report(run, lang, command, suspense, made, answers)
    return write_file(path, page.encode("utf-8", "replace"), force=force)
