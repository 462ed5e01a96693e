"""The odds made once more, in plain numpy, by somebody who has `docs/model.md` and the input files alone.

Nothing of `sim` is used but the results to compare with. Numbers of sections are those of the page.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.special import chdtri, ndtr, ndtri, stdtr

import sim

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "seeds" / "qingdao-2024"
SCENARIOS = ("baseline", "external-and-property", "epidemic-wave")
N_PATHS, CHUNK = 400_000, 20_000
FALSE_ALARM = 1e-4  # chance that a right engine breaks one of the bounds below, each of which covers many odds
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
READINGS = ("stated", "printed", "tolerance", "Q1", "H1", "Q1-Q3")
SINGLES = dict.fromkeys("个项家套所处人条", 1) | dict.fromkeys(("万", "万人", "万个", "万套"), 10_000)
DELIVERIES = ("level", "count", "multiple", "programme")


def read_table(name):
    with (PLAN / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def lay_over(base, over):  # section 2
    merged = {name: dict(shock) for name, shock in base.items()}
    for name, changes in over.items():
        shock = merged.setdefault(name, {})
        for given, other in (("probability", "depends_on"), ("depends_on", "probability")):
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
    """The numbers of the page by their symbols; arrays by quarter and indicator."""

    def __init__(self):
        numbers = read_yaml(PLAN / "calibration.yaml")
        self.indicators, rows = read_table("indicators"), read_table("quarters")
        self.names = [row["id"] for row in self.indicators]
        self.deliveries, self.milestones = numbers["deliveries"], numbers["milestones"]
        self.targets = [row for row in read_table("targets") if row["kind"] == "milestone" or row["value"]]
        assert "spillovers" not in numbers

        def calibrated(field):
            return np.array([numbers["indicators"][name][field]["value"] for name in self.names])

        def tabulated(column):
            return np.array([[float(r[column]) for r in rows if r["indicator"] == name] for name in self.names]).T

        self.nu = numbers["degrees_of_freedom"]["value"]
        self.w = tabulated("share") / tabulated("share").sum(axis=0)
        self.a, self.momentum = calibrated("persistence"), np.array([float(row["momentum"]) for row in self.indicators])
        left = self.momentum * self.a ** np.arange(1, 5)[:, None]
        b = tabulated("base_effect")
        self.path = calibrated("centre") + b - (self.w * (b + left)).sum(axis=0)
        sd, share = calibrated("innovation_sd"), calibrated("innovation_common")
        self.news_common, self.news_own = sd * share, sd * np.sqrt(1 - share**2)
        sd, share = calibrated("trend_sd"), calibrated("trend_common")
        self.trend_common, self.trend_own = sd * share, sd * np.sqrt(1 - share**2)


def simulate_ordinary(law, rng, n):  # sections 3 and 4, and what deliveries and milestones bring of their own
    series = len(law.names)
    f, g = rng.standard_normal((2, n))
    r = np.sqrt((law.nu - 2) / rng.chisquare(law.nu, (4, n)))
    common = r * rng.standard_normal((4, n))
    y, x = np.empty((4, series, n)), np.repeat(law.momentum[:, None], n, axis=1)
    trend = law.trend_common[:, None] * f + law.trend_own[:, None] * rng.standard_normal((series, n))
    for q in range(4):
        own = r[q] * rng.standard_normal((series, n))
        x = law.a[:, None] * x + law.news_common[:, None] * common[q] + law.news_own[:, None] * own
        y[q] = law.path[q][:, None] + trend + x
    pace = {t["id"]: draw_pace(law.deliveries, t, f, g, rng) for t in law.targets if t["kind"] in DELIVERIES}
    late = {t["id"]: draw_lateness(law.milestones, t, f, g, rng) for t in law.targets if t["kind"] == "milestone"}
    return y, pace, np.exp(law.deliveries["speed_news"]["value"] * common), late


def draw_pace(numbers, target, f, g, rng):  # section 6
    season = numbers["seasons"][target["season"]]
    if target["kind"] == "programme":
        expected = numbers["programme_under_way"]["value"] / numbers["programme_required"]["value"]
    else:
        expected = 1 + numbers["reserves"][target["id"]]["value"]
    things = float(target["value"]) * SINGLES.get(target["unit"], 0)
    if season.get("arrivals") == "list" or not things:
        things = np.inf
    sd = np.sqrt(season["spread"]["value"] ** 2 + (1 / things if things >= 200 else 0))
    shared = numbers["speed_common"]["value"] * g + numbers["speed_macro"]["value"] * f
    pace = expected * np.exp(sd * rng.standard_normal(len(f)) + season["shared"]["value"] * shared)
    if things < 200:
        pace /= (1 - 1 / (9 * things) + rng.standard_normal(len(f)) / (3 * np.sqrt(things))) ** 3
    return pace


def draw_lateness(numbers, target, f, g, rng):  # section 7
    common, macro, margin = (numbers[name]["value"] for name in ("common", "macro", "margin"))
    median, spread = numbers["delay_median"]["value"], numbers["delay_spread"]["value"]
    p = numbers["awarded" if target["decided_by"] == "other" else "on_time"]["value"]
    drive = common * g + macro * f + np.sqrt(1 - common**2 - macro**2) * rng.standard_normal(len(f))
    rank = ndtr(-drive)
    late = median * np.exp(spread * ndtri(np.maximum(rank - p, 0) / (1 - p)))
    return np.where(rank > p, late, margin * np.log(rank / p))


def draw_shocks(shocks, rng, n):  # section 5
    happened, drawn = {}, {}
    for name in sorted(shocks, key=lambda name: "depends_on" in shocks[name]):
        shock, chance = shocks[name], shocks[name].get("probability")
        if chance is None:
            depends = shock["depends_on"]
            chances = depends["probability_if_happened"], depends["probability_if_not"]
            chance = np.where(happened[depends["shock"]], *chances)
        happened[name] = rng.random(n) < chance
        onset = rng.choice(4, n, p=[shock["onset"].get(quarter, 0) for quarter in QUARTERS])
        assert shock["size"]["law"] == "lognormal"
        low, high = np.log(shock["size"]["interval_90"])
        size = happened[name] * np.exp((low + high) / 2 + (high - low) / (2 * ndtri(0.95)) * rng.standard_normal(n))
        profile, since = shock["profile"], np.arange(4)[:, None] - onset
        if profile["shape"] == "ramp":
            values = np.minimum(1, np.arange(1, 5) / profile["quarters"])
        else:
            assert profile["shape"] == "list"
            values = np.array([*profile["values"], 0, 0, 0, 0][:4])
        drawn[name] = size, onset, np.where(since >= 0, size * values[np.maximum(since, 0)], 0)
    return drawn


def find_change(changes, *names):  # section 5: the first that is given holds
    return next((changes[name] for name in (*names, "all") if name in changes), 0.0)


def judge_growth(law, target, cumulative):  # section 8
    row = law.names.index(target["indicator"])
    lower = target["criterion"] == "at_most"
    if target["criterion"] == "about":
        lower = law.indicators[row]["better"] == "lower"
    ahead = (-1 if lower else 1) * (cumulative[:, row] - float(target["value"]))
    rooms = np.array([0, 0.05, float(target["tolerance"])])
    return np.vstack([ahead[3] >= -rooms[:, None], ahead[:3] >= 0])


def follow_delivery(law, target, pace, news, shocks, drawn):  # section 6
    names = target["id"], target["season"], target["group"]
    speed = 1 + sum(find_change(shocks[name].get("speed", {}), *names) * drawn[name][2] for name in drawn)
    season = np.array(law.deliveries["seasons"][target["season"]]["shares"])[:, None]
    due = np.vstack([season.cumsum(axis=0)[:3], [[1]]])
    return pace * np.cumsum(season * news * np.maximum(speed, 0), axis=0) >= due


def follow_milestone(law, target, late, shocks, drawn):  # section 7
    planned = QUARTERS.index(target["quarter"]) + law.milestones["planned_shift"]["value"]
    for name, (size, onset, _) in drawn.items():
        delay = find_change(shocks[name].get("delay", {}), target["id"], target["group"])
        late = late + delay * size * (onset <= planned)
    return late <= np.arange(4)[:, None] - planned


def judge(law, ordinary, shocks, drawn):
    """Whether each target is met in each reading, shape (reading, target, path)."""
    y, pace, news, late = ordinary
    for name, (_, _, strength) in drawn.items():
        loadings = [shocks[name].get("loadings", {}).get(indicator, 0) for indicator in law.names]
        y = y + np.array(loadings)[:, None] * strength[:, None]
    cumulative = np.cumsum(law.w[..., None] * y, axis=0) / np.cumsum(law.w, axis=0)[..., None]
    met = np.empty((len(READINGS), len(law.targets), y.shape[-1]), bool)
    for number, target in enumerate(law.targets):
        if target["kind"] == "growth":
            met[:, number] = judge_growth(law, target, cumulative)
            continue
        if target["kind"] == "milestone":
            course = follow_milestone(law, target, late[target["id"]], shocks, drawn)
        else:
            course = follow_delivery(law, target, pace[target["id"]], news, shocks, drawn)
        met[:, number] = course[[3, 3, 3, 0, 1, 2]]
    return met


def list_groups(law):  # section 9
    members = {"headline": [number for number, target in enumerate(law.targets) if target["headline"] == "yes"]}
    for number, target in enumerate(law.targets):
        members.setdefault(target["group"], []).append(number)
    return members | {"all": list(range(len(law.targets)))}


def list_events(law, met):
    """What is counted, by the names that the engine's tables have for it."""
    events = {}
    for number, target in enumerate(law.targets):
        for place, reading in enumerate(READINGS):
            if target["kind"] == "growth" or reading not in ("printed", "tolerance"):
                events[target["id"], reading] = met[place, number]
    for group, members in list_groups(law).items():
        count = met[0, members].sum(axis=0)
        events |= {(group, k): count >= k for k in range(1, len(members) + 1)}
    return events


@pytest.fixture(scope="module")
def recreated():
    """The law; by scenario: counts of events, of (missed, met) pairs and of misses, and the last chunk's events."""
    law, rng, found = Law(), np.random.default_rng(2024), {}
    headline = list_groups(law)["headline"]
    shocks = {name: read_shocks(name) for name in SCENARIOS}
    for _ in range(N_PATHS // CHUNK):
        ordinary = simulate_ordinary(law, rng, CHUNK)
        for name in SCENARIOS:
            met = judge(law, ordinary, shocks[name], draw_shocks(shocks[name], rng, CHUNK))
            events, stated = list_events(law, met), met[0, headline].astype(np.int64)
            counts = np.array([np.count_nonzero(came) for came in events.values()])
            parts = counts, (1 - stated) @ stated.T, (1 - stated).sum(axis=1)
            before = found.get(name, (0, 0, 0))
            found[name] = (*(part + more for part, more in zip(before, parts, strict=False)), events)
    return law, found


@pytest.fixture(scope="module")
def engine():
    plan = sim.read_plan("qingdao-2024")
    result = sim.run(sim.load_model(plan), sim.read_scenarios(SCENARIOS, plan), n_calibrations=0, n_points=4096)
    return dict(zip(SCENARIOS, result.attainments, strict=True))


def standardize(counts, trials, odds, error):
    """Differences as standard normals, by way of Student's t where the engine's 16 replicates make the error."""
    own = odds * (1 - odds) / trials
    both = own + error**2
    degrees = 15 * (both / np.maximum(error, 1e-6) ** 2) ** 2  # Satterthwaite (1946, Biometrics Bulletin 2, 110)
    z = (counts / trials - odds) / np.sqrt(both)
    return -np.sign(z) * ndtri(stdtr(degrees, -np.abs(z)))


def limit(number):
    """What the largest of so many standard normals stays below, but for a chance of `FALSE_ALARM` over scenarios."""
    return -ndtri(FALSE_ALARM / 2 / number / len(SCENARIOS))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_probability_follows_from_the_page(recreated, engine, scenario):
    counts, _, _, events = recreated[1][scenario]
    tables = engine[scenario].odds, engine[scenario].joint
    rows = {(row.target, row.reading): (row.probability, row.mc_se) for row in tables[0].itertuples()}
    rows |= {(row.group, row.at_least): (row.probability, row.mc_se) for row in tables[1].itertuples()}
    assert rows.keys() == events.keys()
    assert len(rows) == 79 * 4 + 6 * 2 + 79 + 6 + 79  # targets, printed and within tolerance, k of: groups, six, all
    odds, error = np.array([rows[name] for name in events]).T
    fit = (N_PATHS * odds * (1 - odds) > 100) & np.isfinite(error)  # else no normal law, or no error to hold it to
    assert fit.mean() > 0.8
    assert np.abs(counts / N_PATHS - odds)[~fit].max() < 5e-4
    z = standardize(counts[fit], N_PATHS, odds[fit], error[fit])
    assert np.abs(z).max() < limit(len(z))
    sharp = 9 * N_PATHS * error[fit] ** 2 < (odds * (1 - odds))[fit]  # the error is ours: we know how ours correlate
    correlation = np.corrcoef(np.array(list(events.values()))[fit][sharp].astype(np.float32))
    degrees = sharp.sum() ** 2 / np.nansum(correlation**2)
    assert sharp.sum() > 79
    assert (z[sharp] ** 2).mean() < chdtri(degrees, FALSE_ALARM / len(SCENARIOS)) / degrees


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_odds_if_another_target_is_missed_follow_from_the_page(recreated, engine, scenario):
    law, found = recreated
    names = [law.targets[number]["id"] for number in list_groups(law)["headline"]]
    rows = engine[scenario].conditional
    missed, met = (rows[column].map(names.index).to_numpy() for column in ("missed", "met"))
    _, pairs, misses, _ = found[scenario]
    z = standardize(pairs[missed, met], misses[missed], rows.probability.to_numpy(), rows.mc_se.to_numpy())
    assert len(z) == 30
    assert np.abs(z).max() < limit(len(z))
