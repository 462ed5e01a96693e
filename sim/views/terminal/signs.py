"""Signs that an output cannot hold, and what stands in for them."""

from __future__ import annotations

import codecs
import sys
import unicodedata

__all__ = ["prepare_streams", "replace_missing"]

_HANDLER = "sim-stand-in"


_STAND_INS = {
    "≈": "~",
    "≥": ">=",
    "≤": "<=",
    "±": "+-",
    "×": "x",
    "÷": "/",
    "▷": ">",
    "−": "-",
    "–": "-",
    "—": "--",
    "─": "-",
    "━": "-",
    "→": "->",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "·": ".",
    "•": "*",
    "¥": "CNY",
    "²": "2",
    "³": "3",
}


def replace_missing(text: str, encoding: str) -> str:
    """Put stand-ins for the signs that an encoding lacks; a wide sign gets a wide one.

    Parameters
    ----------
    text : str
    encoding : str

    Returns
    -------
    str

    Examples
    --------
    >>> replace_missing("GDP ≥ 5 %, 青岛 ▷", "ascii")
    'GDP >= 5 %, ???? >'
    >>> replace_missing("GDP ≥ 5 %, 青岛 ▷", "gbk")
    'GDP ≥ 5 %, 青岛 >'
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(sign if _has(sign, encoding) else _stand_in(sign) for sign in text)
    except LookupError:
        pass
    return text


def prepare_streams() -> None:
    """Have stdout and stderr print stand-ins in place of an error; names of files that are no UTF-8 pass through."""
    codecs.register_error(_HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    if all("\udc80" <= sign <= "\udcff" for sign in found):
        return bytes(ord(sign) - 0xDC00 for sign in found), error.end
    return "".join(map(_stand_in, found)), error.end


def _has(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _stand_in(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _STAND_INS.get(sign) or plain or ("??" if unicodedata.east_asian_width(sign) in "WF" else "?")
