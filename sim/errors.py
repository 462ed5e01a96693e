"""What goes wrong at the door: faults with a place, and the exceptions that carry them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from numbers import Real
from typing import Any, Literal
from unicodedata import normalize

__all__ = [
    "Code",
    "Fault",
    "InputError",
    "OutputError",
    "Place",
    "QuestionWarning",
    "ResultError",
    "SimError",
    "advise_install",
    "blame",
    "blame_kind",
    "blame_name",
    "blame_probability",
    "find_nearest",
    "find_unknown",
    "tell_faults",
    "try_all",
    "warn_of",
]

_MOST_TOLD = 100
"""Faults that are told one by one."""


_LONGEST = 300
"""Letters of a fault's problem; more are cut from its middle."""


Code = Literal["invalid", "missing", "unknown", "repeated", "unfilled", "empty", "no_file", "number", "unit", "range"]
"""What kind of fault it is, for code that has to tell faults apart; their words are for people alone.

- `missing`: a key, a column or a row that must be there is not
- `unknown`: a name that is none of those allowed
- `repeated`: a name, a key or a row given twice
- `unfilled`: a placeholder of `sim new`
- `empty`: a file, a table or a cell that holds nothing
- `no_file`: there is no such file or folder
- `number`: no number where one is due
- `unit`: a unit glued on, or the wrong one
- `range`: a number out of its bounds
- `invalid`: all else
"""


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of one input.

    Attributes
    ----------
    file : str
        The file as the user named it, or the argument of a call.
    line, column : int
        Where, counted from 1; 0 where the fault has no place within the file.
    problem : str
        What is wrong.
    allowed : str
        What is allowed instead, or how to mend it; may be empty.
    nearest : str
        The nearest valid name; may be empty.
    is_argument : bool
        Whether `file` is the name of an argument, for which the terminal has a flag.
    code : str
        Which kind of fault it is (see `Code`); faults that say the same are equal whatever their code.

    Examples
    --------
    >>> print(Fault("a.yaml", 3, 5, "unknown key 'onste'", "allowed: onset, size", "onset"))
    a.yaml:3:5: unknown key 'onste'; allowed: onset, size; did you mean 'onset'?
    """

    file: str
    line: int
    column: int
    problem: str
    allowed: str = ""
    nearest: str = ""
    is_argument: bool = False
    code: Code = field(default="invalid", kw_only=True, compare=False)

    def found_in(self, where: str) -> Fault:
        """Say where else than in its file a fault was found, such as in one plan of several."""
        return replace(self, problem=f"{self.problem} (in {where})")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f"did you mean '{self.nearest}'?" if self.nearest else ""
        parts = _cut(self.problem, _LONGEST), _cut(self.allowed, 5 * _LONGEST), hint
        words = f"{place}: " + "; ".join(part for part in parts if part)
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in words)


def _cut(words: str, most: int) -> str:
    """Cut words that quote something very long, from the middle.

    Examples
    --------
    >>> _cut("unknown key 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", 40)
    "unknown key 'aaaaaaaaaaa … aaaaaaaaaaaa'"
    """
    if len(words) <= most:
        return words
    return f"{words[: most * 6 // 10]} … {words[3 + most * 6 // 10 - most :]}"


@dataclass(frozen=True)
class Place:
    """Where something stands.

    Attributes
    ----------
    file : str
        The file as the user named it, or the command-line option.
    line, column : int
        Counted from 1; 0 means no place within the file.
    """

    file: str
    line: int = 0
    column: int = 0

    def fault(self, problem: str, allowed: str = "", nearest: str = "", *, code: Code = "invalid") -> Fault:
        """Make a fault at this place.

        Parameters
        ----------
        problem, allowed, nearest, code : str
            As for `Fault`.

        Returns
        -------
        Fault
        """
        return Fault(self.file, self.line, self.column, problem, allowed, nearest, code=code)


class SimError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(SimError):
    """Faulty input: every fault found, in the order of files, lines and columns.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.

    Examples
    --------
    >>> error = InputError([Fault("b.csv", 2, 1, "late"), Fault("a.csv", 9, 1, "early")])
    >>> print(error)
    a.csv:9:1: early
    b.csv:2:1: late
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(tell_faults(self.faults)))


def tell_faults(faults: Sequence[Fault]) -> list[str]:
    """Word faults, a line each; of very many, the first, and how many more there are.

    Parameters
    ----------
    faults : sequence of Fault

    Returns
    -------
    list of str
    """
    more = len(faults) - _MOST_TOLD
    return [*map(str, faults[:_MOST_TOLD]), *([f"and {more:,} more faults"] if more > 0 else [])]


class OutputError(SimError):
    """A result that cannot be written; nothing has been written.

    Parameters
    ----------
    words : str
        The path, what is wrong with it, and how to mend it.
    argument : str
        The argument that named the path, for which the terminal has a flag; may be empty.
    """

    def __init__(self, words: str, argument: str = "") -> None:
        self.argument = argument
        super().__init__(words)


class QuestionWarning(UserWarning):
    """A number that looks wrong but is kept: the cell, and what was likely meant."""


def warn_of(questions: Iterable[Fault]) -> None:
    """Warn whoever calls from Python of numbers whose size looks wrong; the terminal prints them itself.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as heard:
    ...     warnings.simplefilter("always")
    ...     warn_of([Fault("a.csv", 2, 6, "gdp 2023: 105.9 %", "an index?", code="range")])
    >>> print(heard[0].message)
    a.csv:2:6: gdp 2023: 105.9 %; an index?
    """
    import warnings

    for question in questions:
        if question.code == "range":
            warnings.warn(str(question), QuestionWarning, stacklevel=3)


class ResultError(SimError):
    """Odds that cannot be, such as one that is not a number: the model does not hold a number that it was given."""


def blame(argument: str, problem: str, allowed: str = "", nearest: str = "", *, code: Code = "invalid") -> Fault:
    """Return the fault of an argument of a call.

    Arguments that `allowed` advises stand in backticks, as in "write `n_paths=200_000`", so that the terminal can
    print its flags in their place.

    Parameters
    ----------
    argument : str
        Its name.
    problem, allowed, nearest, code : str
        As for `Fault`.

    Returns
    -------
    Fault

    Examples
    --------
    >>> print(blame("n_paths", "0 paths", "allowed: 1 or more"))
    n_paths: 0 paths; allowed: 1 or more
    """
    return Fault(argument, 0, 0, problem, allowed, nearest, is_argument=True, code=code)


def blame_kind(argument: str, given: object, due: str, allowed: str) -> Fault:
    """Return the fault of an argument of the wrong type.

    Examples
    --------
    >>> print(blame_kind("plan", 5, "a plan", "write a folder or a Plan"))
    plan: an object of type int stands where a plan is due; write a folder or a Plan
    """
    verb = "is" if due.startswith(("a ", "an ")) else "are"
    return blame(argument, f"an object of type {type(given).__name__} stands where {due} {verb} due", allowed)


def blame_name(argument: str, given: str, valid: Sequence[str]) -> list[Fault]:
    """Return the fault of a name that is none of the valid ones; none where it is one.

    Examples
    --------
    >>> print(*blame_name("series", "gpd", ["gdp", "retail_sales"]))
    series: no series 'gpd'; allowed: gdp, retail_sales; did you mean 'gdp'?
    """
    if given in valid:
        return []
    listed = "allowed: " + ", ".join(valid)
    return [blame(argument, f"no {argument} '{given}'", listed, find_nearest(given, valid), code="unknown")]


def blame_probability(argument: str, given: object, example: float) -> list[Fault]:
    """Return the fault of what is no probability between 0 and 1; none where it is one.

    Examples
    --------
    >>> print(*blame_probability("below", "10%", 0.1))
    below: '10%'; allowed: more than 0 and less than 1, such as 0.1
    """
    if isinstance(given, Real) and not isinstance(given, bool) and 0 < float(given) < 1:
        return []
    said = f"{given:g}" if isinstance(given, float) else repr(given)
    return [blame(argument, said, f"allowed: more than 0 and less than 1, such as {example:g}", code="range")]


def try_all(*tasks: Callable[[], Any]) -> list[Any]:
    """Return what each task gives; if any finds faults, the faults of all.

    Raises
    ------
    InputError
        With the faults of every task that found some.

    Examples
    --------
    >>> try_all(lambda: 1, lambda: "two")
    [1, 'two']
    """
    given, faults = list[Any](), list[Fault]()
    for task in tasks:
        try:
            given.append(task())
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return given


def advise_install(extra: str) -> str:
    """Give the command that installs what an extra of this package needs.

    Parameters
    ----------
    extra : str

    Returns
    -------
    str

    Examples
    --------
    >>> advise_install("excel")
    'pip install "target-simulator[excel]"'
    """
    return f'pip install "target-simulator[{extra}]"'


def find_nearest(name: object, valid: Sequence[str]) -> str:
    """Find the valid name closest to what was written.

    Parameters
    ----------
    name : object
        What was written.
    valid : sequence of str

    Returns
    -------
    str
        Empty where none is close.

    Examples
    --------
    >>> find_nearest("retail_sale", ["gdp", "retail_sales"])
    'retail_sales'
    >>> find_nearest("ＧＤＰ", ["gdp", "retail_sales"])
    'gdp'
    >>> find_nearest("weather", ["gdp", "retail_sales"])
    ''
    """
    folded = {_fold(each): each for each in reversed(valid)}
    close = get_close_matches(_fold(str(name)[:_LONGEST]), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def _fold(name: str) -> str:
    """Fold case and width, which are not what makes two names differ."""
    return normalize("NFKC", name).casefold()


def find_unknown(
    names: Mapping[str, Place], valid: Sequence[str], problem: str, allowed: str | None = None
) -> Iterator[Fault]:
    """Find the names that are none of the valid ones.

    Parameters
    ----------
    names : mapping of str to Place
        Names, and where each is written.
    valid : sequence of str
    problem : str
        What is wrong, with `{}` where the name stands.
    allowed : str, optional
        What is allowed instead; None means all of the valid names.

    Yields
    ------
    Fault
        With the nearest valid name.

    Examples
    --------
    >>> for fault in find_unknown({"gpd": Place("--of")}, ["gdp", "retail_sales"], "no indicator '{}'"):
    ...     print(fault)
    --of: no indicator 'gpd'; allowed: gdp, retail_sales; did you mean 'gdp'?
    """
    listed = "allowed: " + ", ".join(valid) if allowed is None else allowed
    unknown = 0
    for name, at in names.items():
        if name not in valid:
            unknown += 1
            nearest = find_nearest(name, valid) if unknown <= _MOST_TOLD else ""  # of the rest nobody reads it
            yield at.fault(problem.format(name), listed, nearest, code="unknown")
