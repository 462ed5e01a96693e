"""The odds made once more, in plain numpy, by somebody who has `docs/model.md` and the input files alone.

Nothing of `sim` is used but the results to compare with. Section numbers are those of the page.
"""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.special import chdtri, ndtr, ndtri, stdtr

import sim

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "seeds" / "qingdao-2024"
SCENARIOS = ("baseline", "external-and-property", "epidemic-wave")
N_PATHS, CHUNK = 400_000, 20_000
FALSE_ALARM = 1e-4  # chance that a right engine fails a bound below: of the largest z over all odds, of each rms
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
READINGS = ("stated", "printed", "tolerance", "Q1", "H1", "Q1-Q3")
SINGLES = {"个": 1, "项": 1, "家": 1, "套": 1, "所": 1, "处": 1, "人": 1, "条": 1}
SINGLES |= dict.fromkeys(("万", "万人", "万个", "万套"), 10_000)


def read_table(name):
    with (PLAN / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def lay_over(base, over):  # section 2
    merged = {name: dict(shock) for name, shock in base.items()}
    for name, changes in over.items():
        shock = merged.setdefault(name, {})
        for given, other in pairwise(("probability", "depends_on", "probability")):
            if given in changes:
                shock.pop(other, None)
        for key, value in changes.items():
            shock[key] = {**shock.get(key, {}), **value} if key in ("loadings", "speed", "delay") else value
    return merged


def read_shocks(name):  # section 2
    document = read_yaml(ROOT / "scenarios" / f"{name}.yaml")
    parents, shocks = document.get("extends", []), {}
    for parent in [parents] if isinstance(parents, str) else parents:
        shocks = lay_over(shocks, read_shocks(parent))
    return lay_over(shocks, document["shocks"])


class Law:
    """The numbers of the page by their symbols."""

    def __init__(self):
        numbers = read_yaml(PLAN / "calibration.yaml")
        self.nu = numbers["degrees_of_freedom"]["value"]
        self.indicators, rows = read_table("indicators"), read_table("quarters")
        self.names = [row["id"] for row in self.indicators]

        def gather(field):
            return np.array([numbers["indicators"][name][field]["value"] for name in self.names])

        def by_quarter(column):
            return np.array([[float(r[column]) for r in rows if r["indicator"] == name] for name in self.names]).T

        self.w = by_quarter("share") / by_quarter("share").sum(axis=0)
        self.a, self.m = gather("persistence"), np.array([float(row["momentum"]) for row in self.indicators])
        course = by_quarter("base_effect") + self.m * self.a ** np.arange(1, 5)[:, None]
        self.path = gather("centre") + by_quarter("base_effect") - (self.w * course).sum(axis=0)
        news, share = gather("innovation_sd"), gather("innovation_common")
        self.c, self.o = news * share, news * np.sqrt(1 - share**2)
        trend, share = gather("trend_sd"), gather("trend_common")
        self.tc, self.to = trend * share, trend * np.sqrt(1 - share**2)
        self.deliver, self.late = numbers["deliveries"], numbers["milestones"]
        kinds = ("growth", "level", "count", "multiple", "programme")
        self.targets = [t for t in read_table("targets") if t["kind"] == "milestone" or (t["kind"] in kinds and t["value"])]

    def value(self, *keys):
        node = {"deliveries": self.deliver, "milestones": self.late}
        for key in keys:
            node = node[key]
        return node["value"]


def simulate_ordinary(law, rng, n):  # sections 3 to 5
    series = len(law.names)
    f, g = rng.standard_normal((2, n))
    r = np.sqrt((law.nu - 2) / rng.chisquare(law.nu, (4, n)))
    common = r * rng.standard_normal((4, n))
    y, x = np.empty((4, series, n)), np.repeat(law.m[:, None], n, axis=1)
    trend = law.tc[:, None] * f + law.to[:, None] * rng.standard_normal((series, n))
    for q in range(4):
        own = r[q] * rng.standard_normal((series, n))
        x = law.a[:, None] * x + law.c[:, None] * common[q] + law.o[:, None] * own
        y[q] = law.path[q][:, None] + trend + x
    pace, lateness = {}, {}
    for target in law.targets:
        if target["kind"] == "milestone":
            lateness[target["id"]] = draw_lateness(law, target, f, g, rng.standard_normal(n))
        elif target["kind"] != "growth":
            pace[target["id"]] = draw_pace(law, target, f, g, rng)
    return y, pace, np.exp(law.value("deliveries", "speed_news") * common), lateness


def draw_pace(law, target, f, g, rng):  # section 6
    season = law.deliver["seasons"][target["season"]]
    if target["kind"] == "programme":
        expected = law.value("deliveries", "programme_under_way") / law.value("deliveries", "programme_required")
    else:
        expected = 1 + law.value("deliveries", "reserves", target["id"])
    things = float(target["value"]) * SINGLES.get(target["unit"], 0)
    things = things if season.get("arrivals", "single") == "single" and things else np.inf
    variance = season["spread"]["value"] ** 2 + (1 / things if things >= 200 else 0)
    shared = law.value("deliveries", "speed_common") * g + law.value("deliveries", "speed_macro") * f
    pace = expected * np.exp(np.sqrt(variance) * rng.standard_normal(len(f)) + season["shared"]["value"] * shared)
    if things < 200:
        pace /= (1 - 1 / (9 * things) + rng.standard_normal(len(f)) / (3 * np.sqrt(things))) ** 3
    return pace


def draw_lateness(law, target, f, g, own):  # section 7
    common, macro = law.value("milestones", "common"), law.value("milestones", "macro")
    rank = ndtr(-(common * g + macro * f + np.sqrt(1 - common**2 - macro**2) * own))
    on_time = law.value("milestones", "awarded" if target["decided_by"] == "other" else "on_time")
    spread, median = law.value("milestones", "delay_spread"), law.value("milestones", "delay_median")
    late = median * np.exp(spread * ndtri(np.maximum(rank - on_time, 0) / (1 - on_time)))
    return np.where(rank > on_time, late, law.value("milestones", "margin") * np.log(rank / on_time))


def draw_shocks(shocks, rng, n):  # section 4
    happened, drawn = {}, {}
    for name in sorted(shocks, key=lambda name: "depends_on" in shocks[name]):
        shock = shocks[name]
        chance = shock.get("probability")
        if chance is None:
            depends = shock["depends_on"]
            chances = depends["probability_if_happened"], depends["probability_if_not"]
            chance = np.where(happened[depends["shock"]], *chances)
        happened[name] = rng.random(n) < chance
        onset = rng.choice(4, n, p=[shock["onset"].get(quarter, 0) for quarter in QUARTERS])
        low, high = np.log(shock["size"]["interval_90"])
        assert shock["size"]["law"] == "lognormal"
        size = happened[name] * np.exp((low + high) / 2 + (high - low) / (2 * ndtri(0.95)) * rng.standard_normal(n))
        profile = shock["profile"]
        if profile["shape"] == "ramp":
            values = np.minimum(1, np.arange(1, 5) / profile["quarters"])
        else:
            assert profile["shape"] == "list"
            values = np.array([*profile["values"], 0, 0, 0, 0][:4])
        since = np.arange(4)[:, None] - onset
        drawn[name] = size, onset, np.where(since >= 0, size * values[np.maximum(since, 0)], 0)
    return drawn


def find_first(changes, *keys):
    return next((changes[key] for key in (*keys, "all") if key in changes), 0.0)


def judge(law, ordinary, shocks, drawn):  # section 8
    """Every target in every reading, shape (reading, target, path); deliveries and milestones have one of the year."""
    y, pace, news, lateness = ordinary
    loadings = {name: [shock.get("loadings", {}).get(series, 0) for series in law.names] for name, shock in shocks.items()}
    hit = sum(np.array(loadings[name])[:, None] * strength[:, None] for name, (_, _, strength) in drawn.items())
    cumulative = np.cumsum(law.w[..., None] * (y + hit), axis=0) / np.cumsum(law.w, axis=0)[..., None]
    met = np.empty((6, len(law.targets), y.shape[-1]), bool)
    for number, target in enumerate(law.targets):
        name, group = target["id"], target["group"]
        if target["kind"] == "growth":
            series = law.names.index(target["indicator"])
            lower = target["criterion"] == "at_most" or (
                target["criterion"] == "about" and law.indicators[series]["better"] == "lower"
            )
            margin = (-1 if lower else 1) * (cumulative[:, series] - float(target["value"]))
            met[:3, number] = margin[3] >= -np.array([[0], [0.05], [float(target["tolerance"])]])
            met[3:, number] = margin[:3] >= 0
            continue
        if target["kind"] == "milestone":
            late, planned = lateness[name].copy(), QUARTERS.index(target["quarter"]) + law.value("milestones", "planned_shift")
            for shock, (size, onset, _) in drawn.items():
                late += find_first(shocks[shock].get("delay", {}), name, group) * size * (onset <= planned)
            course = late <= np.arange(4)[:, None] - planned
        else:
            changes = {shock: find_first(shocks[shock].get("speed", {}), name, target["season"], group) for shock in drawn}
            speed = np.maximum(0, 1 + sum(changes[shock] * drawn[shock][2] for shock in drawn))
            season = np.array(law.deliver["seasons"][target["season"]]["shares"])[:, None]
            due = np.vstack([season.cumsum(axis=0)[:3], [[1]]])
            course = pace[name] * np.cumsum(season * news * speed, axis=0) >= due
        met[:3, number], met[3:, number] = course[3], course[:3]
    return met


def list_groups(law):  # section 9
    members = {"headline": [number for number, t in enumerate(law.targets) if t["headline"] == "yes"]}
    for number, target in enumerate(law.targets):
        members.setdefault(target["group"], []).append(number)
    return members | {"all": list(range(len(law.targets)))}


def list_events(law, met):
    """What is counted, by the name under which the engine's tables have it."""
    events = {}
    for number, target in enumerate(law.targets):
        for place, reading in enumerate(READINGS):
            if target["kind"] == "growth" or reading not in ("printed", "tolerance"):
                events[target["id"], reading] = met[place, number]
    for group, members in list_groups(law).items():
        count = met[0, members].sum(axis=0, dtype=np.uint8)
        events |= {(group, k): count >= k for k in range(1, len(members) + 1)}
    return events


@pytest.fixture(scope="module")
def recreated():
    """Of each scenario: how often each event came, in how many paths, and how the events go together."""
    law, rng = Law(), np.random.default_rng(2024)
    headline = list_groups(law)["headline"]
    found = {name: [{}, np.zeros((2, len(headline), len(headline)), np.int64), None] for name in SCENARIOS}
    for _ in range(N_PATHS // CHUNK):
        ordinary = simulate_ordinary(law, rng, CHUNK)
        for name in SCENARIOS:
            shocks = read_shocks(name)
            met = judge(law, ordinary, shocks, draw_shocks(shocks, rng, CHUNK))
            events = list_events(law, met)
            counts, pairs, _ = found[name]
            for key, came in events.items():
                counts[key] = counts.get(key, 0) + np.count_nonzero(came)
            stated = met[0, headline].astype(np.int64)
            pairs += (1 - stated) @ stated.T, np.broadcast_to((1 - stated).sum(axis=1)[:, None], pairs[1].shape)
            found[name][2] = events
    return law, found


@pytest.fixture(scope="module")
def engine():
    plan = sim.read_plan("qingdao-2024")
    result = sim.run(sim.calibrate(plan), sim.read_scenarios(SCENARIOS, plan), n_calibrations=0, n_points=4096)
    return dict(zip(SCENARIOS, result.attainments, strict=True))


def measure(counted, trials, odds, error):
    """Differences in standard errors, turned into standard normals: 16 replicates make a t law of 15 degrees."""
    own = odds * (1 - odds) / trials
    both = own + error**2
    degrees = np.maximum(15 * (both / np.maximum(error, 1e-9) ** 2) ** 2, 15)
    z = (counted / trials - odds) / np.sqrt(both)
    return -np.sign(z) * ndtri(stdtr(degrees, -np.abs(z))), np.sqrt(own)


def align(counts, attainment):
    """Counted, odds, stated error of every event of a scenario, in the order of the counts."""
    stated = {(row.target, row.reading): (row.probability, row.mc_se) for row in attainment.odds.itertuples()}
    stated |= {(row.group, row.at_least): (row.probability, row.mc_se) for row in attainment.joint.itertuples()}
    assert stated.keys() == counts.keys()
    odds, error = np.array([stated[key] for key in counts]).T
    return np.array(list(counts.values())), odds, error


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_probability_of_a_scenario_follows_from_the_page(recreated, engine, scenario):
    counts, _, events = recreated[1][scenario]
    counted, odds, error = align(counts, engine[scenario])
    fit = (N_PATHS * odds * (1 - odds) > 100) & np.isfinite(error)  # else no normal law, or no error to hold it to
    assert len(counted) == 79 * 4 + 2 * 6 + 6 + 2 * 79
    assert fit.mean() > 0.8
    assert np.abs(counted / N_PATHS - odds)[~fit].max() < 5e-4
    z, own = measure(counted[fit], N_PATHS, odds[fit], error[fit])
    assert np.abs(z).max() < -ndtri(FALSE_ALARM / 2 / len(SCENARIOS) / len(z))
    sharp = error[fit] < own / 3  # where the difference is all ours, we know how z-scores go together
    correlation = np.corrcoef(np.array(list(events.values()))[fit][sharp].astype(np.float32))
    degrees = sharp.sum() ** 2 / np.nansum(correlation**2)  # Satterthwaite (1946, Biometrics Bulletin 2, 110)
    assert sharp.sum() > 79
    assert (z[sharp] ** 2).mean() < chdtri(degrees, FALSE_ALARM) / degrees


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_odds_if_another_target_is_missed_follow_from_the_page(recreated, engine, scenario):
    law, found = recreated
    names = [law.targets[number]["id"] for number in list_groups(law)["headline"]]
    rows = engine[scenario].conditional
    first, second = (np.array([names.index(name) for name in rows[column]]) for column in ("missed", "met"))
    hits, missed = found[scenario][1][:, first, second]
    assert len(rows) == 30
    z, _ = measure(hits, missed, rows.probability.to_numpy(), rows.mc_se.to_numpy())
    assert np.abs(z).max() < -ndtri(FALSE_ALARM / 2 / len(SCENARIOS) / len(z))
