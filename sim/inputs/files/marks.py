"""Marks in single files, by which a file that is still as this program wrote it can be told from any other."""

from __future__ import annotations

import re
import zlib
from hashlib import sha256
from pathlib import Path

__all__ = ["is_marked", "mark"]

_WORDS = b"target-simulator sha256 "


_LARGEST = 500_000_000  # bytes; no output of this program comes near it


_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


_MARK = re.compile(re.escape(_WORDS) + rb"([0-9a-f]{64})(?:|\n| -->\n|.{4}" + re.escape(_PNG_END) + rb")\Z", re.DOTALL)


_COMMENTS = {
    ".html": (b"<!-- ", b" -->\n"),
    ".htm": (b"<!-- ", b" -->\n"),
    ".svg": (b"<!-- ", b" -->\n"),
    ".pdf": (b"% ", b"\n"),
    ".yaml": (b"# ", b"\n"),
    ".yml": (b"# ", b"\n"),
}


def mark(content: bytes, ending: str) -> bytes:
    r"""Add a mark to a file's content: the digest of all that stands before it, where the format takes a comment.

    Parameters
    ----------
    content : bytes
    ending : str
        Of the file's name, in lower case: a page, a chart, a workbook or YAML; content of other formats stays as it is.

    Returns
    -------
    bytes

    Examples
    --------
    >>> mark(b"seed: 2024\\n", ".yaml")[:45]
    b'seed: 2024\\n# target-simulator sha256 6fd338b'
    """
    if ending == ".xlsx":
        length = len(_WORDS) + 64
        head = content[:-2] + length.to_bytes(2, "little") + _WORDS  # the comment that may end a ZIP archive
        return head + _digest(head)
    if ending == ".png":
        text = b"tEXtSoftware\0" + _WORDS
        head = content.removesuffix(_PNG_END) + (len(text) - 4 + 64).to_bytes(4, "big") + text
        digest = _digest(head)
        return head + digest + zlib.crc32(text + digest).to_bytes(4, "big") + _PNG_END
    if ending not in _COMMENTS:
        return content
    before, after = _COMMENTS[ending]
    head = content + before + _WORDS
    return head + _digest(head) + after


def is_marked(path: Path) -> bool:
    """Tell whether a file is still as this program wrote it: its mark fits, and it is not write-protected."""
    try:
        facts = path.stat()
        content = path.read_bytes() if facts.st_size <= _LARGEST else b""
    except OSError:
        return False
    found = _MARK.search(content, max(0, len(content) - 200))
    return bool(found and facts.st_mode & 0o222 and _digest(content[: found.start(1)]) == found[1])


def _digest(content: bytes) -> bytes:
    return sha256(content).hexdigest().encode()
