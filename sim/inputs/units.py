"""Units of targets: what they count or measure, and how many single things one stands for."""

from __future__ import annotations

from typing import Annotated, ClassVar
from unicodedata import normalize

from pydantic import Field

from sim.inputs.files.validation import Row, Text
from sim.inputs.identity import simplify

__all__ = ["UNITS", "Unit", "count_singles", "find_unit", "name_unit"]


class Unit(Row):
    """A unit: of those that are known, or one row of a plan's `units.csv`.

    Attributes
    ----------
    unit : str
        As the report writes it.
    name_en : str
        What it is in English.
    singles : int
        Single things that one unit stands for; 0 for what is measured rather than counted.
    """

    key: ClassVar = ("unit",)

    unit: Text
    name_en: Text
    singles: Annotated[int, Field(ge=0, le=1_000_000_000_000)]


_MEASURED = {
    "%": "per cent",
    "pp": "percentage points",
    "倍": "times",
    "元": "yuan",
    "万元": "ten thousand yuan",
    "亿元": "hundred million yuan",
    "万亿元": "trillion yuan",
    "美元": "US dollars",
    "万美元": "ten thousand US dollars",
    "亿美元": "hundred million US dollars",
    "克": "grams",
    "吨": "tonnes",
    "万吨": "ten thousand tonnes",
    "亿吨": "hundred million tonnes",
    "万吨标准煤": "ten thousand tonnes of standard coal",
    "万吨标煤": "ten thousand tonnes of standard coal",
    "吨标准煤/万元": "tonnes of standard coal per ten thousand yuan",
    "亿斤": "hundred million jin",
    "万亿斤": "trillion jin",
    "亩": "mu",
    "万亩": "ten thousand mu",
    "公顷": "hectares",
    "万公顷": "ten thousand hectares",
    "平方米": "square metres",
    "万平方米": "ten thousand square metres",
    "平方公里": "square kilometres",
    "立方米": "cubic metres",
    "万立方米": "ten thousand cubic metres",
    "亿立方米": "hundred million cubic metres",
    "米": "metres",
    "千米": "kilometres",
    "公里": "kilometres",
    "万公里": "ten thousand kilometres",
    "千瓦": "kilowatts",
    "万千瓦": "ten thousand kilowatts",
    "千瓦时": "kilowatt hours",
    "万千瓦时": "ten thousand kilowatt hours",
    "亿千瓦时": "hundred million kilowatt hours",
    "微克/立方米": "micrograms per cubic metre",
    "毫克/升": "milligrams per litre",
    "天": "days",
    "小时": "hours",
    "万标箱": "ten thousand TEU",
    "万人次": "ten thousand visits",
    "亿人次": "hundred million visits",
    "km": "kilometres",
    "km2": "square kilometres",
    "m2": "square metres",
    "ha": "hectares",
    "t": "tonnes",
    "MW": "megawatts",
    "GW": "gigawatts",
    "MWh": "megawatt hours",
    "GWh": "gigawatt hours",
    "µg/m3": "micrograms per cubic metre",
    "EUR": "euros",
    "EUR million": "million euros",
    "USD": "US dollars",
    "USD million": "million US dollars",
    "INR crore": "crore rupees",
    "crore": "crore",
    "lakh": "lakh",
}


_COUNTED = {
    "人": "persons",
    "名": "persons",
    "个": "items",
    "项": "items",
    "件": "items",
    "家": "institutions",
    "套": "homes",
    "户": "households",
    "所": "schools",
    "处": "places",
    "条": "lines",
    "座": "structures",
    "张": "beds",
    "辆": "vehicles",
    "台": "machines",
    "艘": "ships",
    "场": "events",
    "次": "times",
    "起": "cases",
    "例": "cases",
    "对": "pairs",
    "只": "items",
    "册": "volumes",
    "棵": "trees",
    "株": "trees",
    "persons": "persons",
    "people": "persons",
    "jobs": "jobs",
    "homes": "homes",
    "houses": "houses",
    "households": "households",
    "beds": "beds",
    "schools": "schools",
    "vehicles": "vehicles",
    "items": "items",
    "deaths": "deaths",
}


def _list_units() -> dict[str, Unit]:
    """List every unit that is known, and of those that count in Chinese, ten thousand of them."""
    units = {name: (name_en, 0) for name, name_en in _MEASURED.items()}
    units |= {name: (name_en, 1) for name, name_en in _COUNTED.items()}
    units["万"] = ("ten thousand", 10_000)
    for name, name_en in _COUNTED.items():
        if not name.isascii():
            units.setdefault(f"万{name}", (f"ten thousand {name_en}", 10_000))
            units.setdefault(f"亿{name}", (f"hundred million {name_en}", 100_000_000))
    return {name: Unit(unit=name, name_en=name_en, singles=singles) for name, (name_en, singles) in units.items()}


UNITS = _list_units()
"""Units that a table may use without declaring them; percentage points and per cent are two."""


def find_unit(name: str) -> Unit | None:
    """Find a known unit, whatever the width of its signs and the case of its letters.

    Examples
    --------
    >>> find_unit("％").unit, find_unit("KM").unit, find_unit("㎡").unit, find_unit("furlongs")
    ('%', 'km', 'm2', None)
    """
    plain = simplify(name).strip()
    return UNITS.get(name) or UNITS.get(plain) or _FOLDED.get(plain.casefold())


_FOLDED = {normalize("NFKC", name).casefold(): unit for name, unit in UNITS.items()}


def name_unit(name: str) -> Unit:
    """Name a unit by what a table calls it: a known one, else one that measures and has no other name.

    Examples
    --------
    >>> name_unit("万户").singles, name_unit("qubits").name_en
    (10000, 'qubits')
    """
    return find_unit(name) or Unit(unit=name, name_en=name, singles=0)


def count_singles(value: float, unit: str | Unit) -> int | None:
    """Count the single things that a goal means.

    Parameters
    ----------
    value : float
        The goal.
    unit : str or Unit
        Its unit; of a name, one of `UNITS`.

    Returns
    -------
    int or None
        None where the unit measures rather than counts.

    Raises
    ------
    ValueError
        If single things would be cut.

    Examples
    --------
    >>> count_singles(2.4, "万个")
    24000
    >>> count_singles(318.6, "万吨") is None
    True
    >>> count_singles(2.5, "家")
    Traceback (most recent call last):
    ValueError: 2.5 家 is not a whole number of institutions
    """
    kind = UNITS[unit] if isinstance(unit, str) else unit
    singles = value * kind.singles
    if not singles:
        return None
    if abs(singles - round(singles)) > 1e-6:
        raise ValueError(f"{value:g} {kind.unit} is not a whole number of {kind.name_en}")
    return round(singles)
