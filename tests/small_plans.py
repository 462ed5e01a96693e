"""A plan of two indicators, table by table."""

from collections.abc import Callable
from pathlib import Path

__all__ = ["NUMBERS", "TABLES", "WritePlan", "write_counties"]

NUMBERS = """\
    centre: {value: 5.2, sd: 0.2, unit: pp, source: s}
    trend_sd: {value: 0.7, sd: 0.1, unit: pp, source: s}
    trend_common: {value: 0.7, sd: 0.1, unit: share, source: s}
    innovation_sd: {value: 0.6, sd: 0.1, unit: pp, source: s}
    innovation_common: {value: 0.7, sd: 0.1, unit: share, source: s}
    persistence: {value: 0.75, sd: 0.1, unit: share, source: s}
"""
TABLES = {
    "plan.csv": "field,value,source\nname,twin,s\nplace_en,Twin,s\nplace_zh,双城,s\nyear,2024,s\n",
    "indicators.csv": (
        "id,name_en,name_zh,unit,measure,baseline,level,level_unit,better,momentum,momentum_basis,source\n"
        "gdp,GDP,生产总值,%,real,5.9,15760.34,亿元,higher,-0.3,derived,s\n"
        "retail_sales,Retail sales,零售总额,%,nominal,7.3,,,higher,0.2,derived,s\n"
    ),
    "quarters.csv": "indicator,quarter,share,share_basis,cumulative,base_effect,base_effect_basis,source\n"
    + "".join(
        f"{name},{quarter},{share},assumed,,0,assumed,s\n"
        for name in ("gdp", "retail_sales")
        for quarter, share in (("Q1", 0.22), ("Q2", 0.26), ("Q3", 0.27), ("Q4", 0.25))
    ),
    "targets.csv": (
        "id,section,phrase,name_en,name_zh,indicator,criterion,value,unit,tolerance,headline,group,source\n"
        "gdp_growth,二,增长5.5%左右,GDP,生产总值,gdp,about,5.5,%,0.2,yes,macro,s\n"
        "retail_growth,二,增长5%以上,Retail sales,零售总额,retail_sales,at_least,5,%,0,yes,macro,s\n"
    ),
    "calibration.yaml": (
        "schema_version: 1\n"
        'degrees_of_freedom: {value: 5, sd: 1, unit: "1", source: s}\n'
        f"indicators:\n  gdp:\n{NUMBERS}  retail_sales:\n{NUMBERS}"
    ),
}

WritePlan = Callable[..., Path]


def write_counties(folder: Path, count: int) -> list[Path]:
    """Write so many plans of two indicators that differ in name and in an ordinary year's growth."""
    written = []
    for number in range(count):
        name = f"county_{number:03d}"
        (folder / name).mkdir(parents=True)
        for file, text in TABLES.items():
            text = text.replace("name,twin", f"name,{name}")
            text = text.replace("centre: {value: 5.2", f"centre: {{value: {4.2 + number / 50:.2f}")
            (folder / name / file).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written
