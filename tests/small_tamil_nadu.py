"""The budget of an Indian state: a year from April, rupees, shares of gross state product, names in English alone."""

from pathlib import Path

__all__ = ["write_tamil_nadu"]

_SPEECH = '"Budget speech of Tamil Nadu, 19 February 2024, for 2024-25"'


_SERIES = {
    "gdp": ("Gross state product at current prices", "nominal", 14.2, "2721571,₹ crore", "higher", "about,16,%,0.2"),
    "own_tax_revenue": ("State's own tax revenue", "nominal", 12.6, ",", "higher", "meet_or_exceed,15,%,0"),
    "capital_outlay": ("Capital expenditure", "nominal", 7.2, ",", "higher", "meet_or_exceed,12.11,%,0"),
    "fiscal_deficit": ("Fiscal deficit as a share of GSDP", "rate", 3.45, ",", "lower", "at_most,3.44,%,0"),
}


def write_tamil_nadu(folder: Path, country: str = "India", outlook: str = "") -> Path:
    """Write the plan's tables: four series and their targets, and nothing of another country."""
    folder.mkdir(parents=True)
    tables = {
        "plan.csv": [
            "field,value,source",
            *(f"{key},{value},{_SPEECH}" for key, value in (("name", "tamil-nadu"), ("place_en", "Tamil Nadu"))),
            f"year,2024,{_SPEECH}",
            f"first_month,4,{_SPEECH}",
            *([f"country,{country},{_SPEECH}"] if country else []),
        ],
        "indicators.csv": [
            "id,name_en,unit,measure,baseline,level,level_unit,better,momentum,momentum_basis,source",
            *(
                f"{key},{name},%,{measure},{last},{level},{better},0,assumed,{_SPEECH}"
                for key, (name, measure, last, level, better, _) in _SERIES.items()
            ),
        ],
        "quarters.csv": [
            "indicator,quarter,share,share_basis,base_effect,base_effect_basis,source",
            *(f"{key},Q{q},0.25,assumed,0,assumed,assumption: even" for key in _SERIES for q in (1, 2, 3, 4)),
        ],
        "targets.csv": [
            "id,section,phrase,name_en,kind,indicator,criterion,value,unit,tolerance,headline,group,source",
            *(
                f"{key},speech,{aim.split(',')[1]} per cent,{name},growth,{key},{aim},yes,macro,{_SPEECH}"
                for key, (name, *_, aim) in _SERIES.items()
            ),
        ],
        "groups.csv": ["id,name_en,source", "macro,State budget,the plan's own"],
        "prior.yaml": [
            "schema_version: 1",
            'degrees_of_freedom: {value: 5, sd: 1.5, unit: "1", basis: assumed, source: "assumption: heavy tails"}',
        ],
        **({"outlook.csv": outlook.splitlines()} if outlook else {}),
    }
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "baseline.yaml").write_text(
        "schema_version: 1\ntitle: {en: Baseline, zh: Baseline}\nwhy: An ordinary year.\n"
        'sources: ["assumption: no shock"]\nshocks: {}\n',
        encoding="utf-8",
    )
    return folder
