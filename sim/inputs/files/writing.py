"""Files written whole or not at all, and refused before any work where they cannot be."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import OutputError

__all__ = ["MANIFEST", "check_file", "format_yaml", "open_folder", "write_file"]

MANIFEST = "manifest.json"


@contextmanager
def open_folder(out: str | Path, argument: str = "out") -> Iterator[Path]:
    """Open a temporary folder that takes the place of `out` when the block ends without an error.

    Parameters
    ----------
    out : str or Path
        A new folder, an empty one, or one that an earlier run wrote; anything else is left alone.
    argument : str
        By which the caller named it.

    Yields
    ------
    Path
        The temporary folder.

    Raises
    ------
    OutputError
        If `out` holds something else, or cannot be written; nothing has changed then.
    """
    out = Path(out).absolute()
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out}: is a file; name a folder", argument)
        if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
            raise OutputError(f"{out}: holds files that no run wrote; name another folder or empty it", argument)
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})", argument) from None
    try:
        yield temporary
        temporary.chmod(0o755)
        if out.exists():
            former = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
            out.rename(former / out.name)
            temporary.rename(out)
            shutil.rmtree(former)
        else:
            temporary.rename(out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})", argument) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_file(
    path: str | Path,
    argument: str = "path",
    endings: Sequence[str] = (),
    noun: str = "a file",
    coming: str | Path | None = None,
) -> Path:
    """Refuse, before any work is done, a file that could not be written.

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

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it is a folder, its name ends otherwise, or its folder does not exist.

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
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({error})", argument) from None
    return path


def write_file(path: Path, content: bytes, argument: str = "path") -> Path:
    """Write a file whole or not at all; an existing one is replaced.

    Parameters
    ----------
    path : Path
    content : bytes
    argument : str
        By which the caller named it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written; a former file is then left as it was.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})", argument) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
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
