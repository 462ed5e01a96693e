"""Files written whole or not at all, and refused before any work where they cannot be."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import OutputError
from sim.inputs.files.marks import is_marked, mark
from sim.inputs.files.staging import hold, open_staging, sync

__all__ = ["check_file", "format_yaml", "write_file"]


def check_file(
    path: str | Path,
    argument: str = "path",
    endings: Sequence[str] = (),
    noun: str = "a file",
    coming: str | Path | None = None,
    force: bool = False,
) -> Path:
    """Refuse, before any work is done, a file that could not be written or that is somebody else's.

    Parameters
    ----------
    path : str or Path
    argument : str
        By which the caller named it.
    endings : sequence of str
        Of the name; none means any.
    noun : str
        What a name with another ending is not.
    coming : str or Path, optional
        A folder that will exist by the time the file is written.
    force : bool
        Whether an existing file may be replaced although it is not as this program wrote it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it is a folder, its name ends otherwise, its folder does not exist, or it would be lost.

    Examples
    --------
    >>> check_file("odds.pdf", endings=(".html",), noun="a page")
    Traceback (most recent call last):
    sim.errors.OutputError: odds.pdf: not a page; the name must end in .html
    """
    path = Path(path)
    expected = coming is not None and path.absolute().parent == Path(coming).absolute()
    try:
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; name a file", argument)
        if endings and path.suffix.lower() not in endings:
            raise OutputError(f"{path}: not {noun}; the name must end in {endings[0]}", argument)
        if not expected and not path.absolute().parent.is_dir():
            raise OutputError(f"{path}: there is no folder {path.parent}; make it first", argument)
        if path.exists() and not path.is_file():
            raise OutputError(f"{path}: is no ordinary file; name another", argument)
        if path.exists() and not force and not is_marked(path):
            raise OutputError(
                f"{path}: is not as this program wrote it; name another file or write `force=True`", argument
            )
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({error})", argument) from None
    return path


def write_file(path: Path, content: bytes, argument: str = "path", force: bool = False) -> Path:
    """Write a file whole or not at all, marked as this program's; a link stays a link.

    Parameters
    ----------
    path : Path
    content : bytes
        Of a format that `mark` knows by the name's ending.
    argument : str
        By which the caller named it.
    force : bool
        As for `check_file`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written, or an existing file is not as this program wrote it; that is then left as it was.
    """
    try:
        place = Path(os.path.realpath(path))
        with open_staging(place) as staging:
            staging.new.write_bytes(mark(content, path.suffix.lower()))
            sync(staging.new)
            with hold(place.parent):
                check_file(path, argument, force=force)
                if place.exists():
                    staging.new.chmod(stat.S_IMODE(place.stat().st_mode))
                staging.new.replace(place)
                sync(place.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})", argument) from None
    return path


def format_yaml(content: Mapping[str, Any], header: str = "") -> str:
    """Format a record as a YAML file: a line for each number, sections set apart by an empty line.

    Parameters
    ----------
    content : mapping
        Such as `model_dump(exclude_unset=True)` gives: texts, numbers, lists and mappings.
    header : str
        Comment lines to begin with.

    Returns
    -------
    str

    Examples
    --------
    >>> numbers = {"gdp": {"value": 5.0, "source": "section 3", "unit": "pp"}}
    >>> print(format_yaml({"schema_version": 1, "numbers": numbers}, "An example."), end="")
    # An example.
    schema_version: 1
    <BLANKLINE>
    numbers:
      gdp: {value: 5, unit: pp, source: "section 3"}
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    root = CommentedMap((name, _style(value)) for name, value in content.items())
    if header:
        root.yaml_set_start_comment(header)
    for name in list(root)[1:]:
        if isinstance(root[name], dict | list) and not root[name].fa.flow_style():
            root.yaml_set_comment_before_after_key(name, before="\n")
    yaml, text = YAML(), io.StringIO()
    yaml.width = 1_000_000  # a number stays on its line, however long its source
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(root, text)
    return text.getvalue()


def _style(value: Any) -> Any:
    """Put a number with its facts on one line, its source last; quote whatever is not a plain word."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, Mapping):
        one_line = "value" in value or not any(isinstance(each, Mapping | list) for each in value.values())
        names = sorted(value, key=lambda name: one_line and name == "source")
        styled: Any = CommentedMap((name, _style(value[name])) for name in names)
    elif isinstance(value, list | tuple):
        one_line = not any(isinstance(each, Mapping | list) for each in value)
        styled = CommentedSeq(_style(each) for each in value)
    elif isinstance(value, str):
        return value if value.isidentifier() else DoubleQuotedScalarString(value)
    else:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if one_line:
        styled.fa.set_flow_style()
    return styled
