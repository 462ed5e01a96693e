"""Words: what all views say, in English and Chinese, each once; a translator edits `words.toml` beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["COMMA", "LANGUAGES", "NOTHING", "SPACE", "Phrase", "join", "list_words", "read_words", "recognize", "say"]

LANGUAGES = ("en", "zh")


class Phrase(NamedTuple):
    """The same thing said in both languages.

    Attributes
    ----------
    en, zh : str
    """

    en: str
    zh: str

    def pick(self, lang: str) -> str:
        """Return the phrase in one language."""
        return self[LANGUAGES.index(lang)]


NOTHING = Phrase("", "")
"""Said where there is nothing to say."""


COMMA, SPACE = Phrase(", ", "、"), Phrase(" ", "")
"""What stands between the members of a list, and between sentences."""


@cache
def read_words() -> Mapping[str, Phrase]:
    """Read every phrase, by `topic.key`; values are still to be filled in.

    Returns
    -------
    mapping of str to Phrase

    Examples
    --------
    >>> read_words()["fan.median"]
    Phrase(en='median', zh='中位数')
    """
    import tomllib

    topics = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {f"{topic}.{key}": Phrase(**texts) for topic, phrases in topics.items() for key, texts in phrases.items()}


def say(key: str, **values: object) -> Phrase:
    """Say a phrase of the list, filled in.

    Parameters
    ----------
    key : str
        Its `topic.key`.
    **values : object
        What its blanks stand for; a phrase is put in language by language.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say("odds.all", number=6)
    Phrase(en='all 6', zh='6 项全部')
    """
    texts = []
    for place, template in enumerate(read_words()[key]):
        chosen = {name: value[place] if isinstance(value, Phrase) else value for name, value in values.items()}
        texts.append(template.format(**chosen))
    return Phrase(*texts)


def list_words(keys: Iterable[str]) -> dict[str, dict[str, str]]:
    """List phrases by language and key, for a script that fills them in itself.

    Parameters
    ----------
    keys : iterable of str

    Returns
    -------
    dict of str to dict of str to str
        By language and key.

    Examples
    --------
    >>> list_words(["odds.percent"])
    {'en': {'odds.percent': '{number} %'}, 'zh': {'odds.percent': '{number}%'}}
    """
    words, chosen = read_words(), sorted({*keys})
    return {lang: {key: words[key].pick(lang) for key in chosen} for lang in LANGUAGES}


def recognize(topic: str, text: str) -> Phrase:
    """Find the phrase of a topic whose English is a text of a file; a text that is not listed stays as it is.

    Parameters
    ----------
    topic : str
    text : str

    Returns
    -------
    Phrase

    Examples
    --------
    >>> recognize("reason", "no measurable criterion").zh, recognize("reason", "too early").zh
    ('没有可衡量的标准', 'too early')
    """
    listed = (phrase for key, phrase in read_words().items() if key.startswith(f"{topic}."))
    return next((phrase for phrase in listed if phrase.en == text), Phrase(text, text))


def join(phrases: Sequence[Phrase], between: Phrase = COMMA) -> Phrase:
    """Put several phrases in a row.

    Parameters
    ----------
    phrases : sequence of Phrase
    between : Phrase
        What stands between two of them.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> join([Phrase("one", "一"), Phrase("two", "二")])
    Phrase(en='one, two', zh='一、二')
    """
    return Phrase(*(text.join(texts) for text, texts in zip(between, zip(*phrases, strict=True), strict=True)))
