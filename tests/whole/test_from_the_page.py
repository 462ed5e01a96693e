"""The odds made once more, in plain numpy, by somebody who has `docs/model.md` and the input files alone.

Nothing of `sim` is used but the results to compare with. Numbers of sections are those of the page.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.interpolate import RegularGridInterpolator
from scipy.special import betaincc, betaincinv, chdtri, gammainc, ndtr, ndtri, stdtr

import sim

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "seeds" / "qingdao-2024"
SCENARIOS = ("baseline", "external-and-property", "epidemic-wave")
N_PATHS, CHUNK = 200_000, 20_000
FALSE_ALARM = 1e-4  # chance that a right engine breaks one of the bounds below, each of which covers many odds
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
READINGS = ("printed", "stated", "tolerance", "Q1", "H1", "Q1-Q3")
SINGLES = dict.fromkeys("个项家套所处人条", 1) | dict.fromkeys(("万", "万人", "万个", "万套"), 10_000)
DELIVERIES = ("level", "count", "multiple", "programme")
STRENGTH, LOADING, RECORDS = 0.25, 0.3, 16  # section 12: how far sizes, loadings and chances of shocks are known
BOUNDS = {  # section 12
    **{
        (name,): (0, np.inf)
        for name in ("innovation_sd", "trend_sd", "quarter_sd", "spread", "share_sd", "timing", "slip", "base")
    },
    **{(name,): (0, 1) for name in ("shared", "doubt", "within", "share")},
    **{(name,): (-1, 1) for name in ("innovation_common", "trend_common")},
    ("persistence",): (-0.98, 0.98),
    ("degrees_of_freedom",): (2.2, np.inf),
    ("deliveries", "common"): (0, np.inf),
    ("milestones", "common"): (-1, 1),
    ("milestones", "macro"): (-1, 1),
}


def read_table(name):
    with (PLAN / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def lay_over(base, over):  # section 2
    merged = {name: dict(shock) for name, shock in base.items()}
    for name, changes in over.items():
        if changes is None:  # taken away
            merged.pop(name, None)
            continue
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
    """What the page takes from the tables and the calibration file."""

    def __init__(self):
        self.numbers = read_yaml(PLAN / "calibration.yaml")
        self.numbers.pop("made_from")
        self.indicators, rows = read_table("indicators"), read_table("quarters")
        self.names = [row["id"] for row in self.indicators]
        self.targets = [row for row in read_table("targets") if row["kind"] == "milestone" or row["value"]]
        assert not {"spillovers", "shocks"} & self.numbers.keys()

        def tabulated(column):
            return np.array([[float(r[column]) for r in rows if r["indicator"] == name] for name in self.names]).T

        self.w, self.base_effect = tabulated("share") / tabulated("share").sum(axis=0), tabulated("base_effect")
        self.started = np.array([float(row["baseline"]) + float(row["momentum"]) for row in self.indicators])


def draw_calibration(numbers, rng, n, place=()):  # section 12: each year has a calibration of its own
    """Every number by its place, shape (path,): chances are beta, the rest normal within what makes sense."""
    parts = dict(enumerate(numbers)) if isinstance(numbers, list) else numbers
    if not isinstance(parts, dict):
        return {}
    if "value" in parts and "unit" in parts:
        value = parts["value"]
        if "weight" in parts:
            return {place: rng.beta(value * parts["weight"], (1 - value) * parts["weight"], n)}
        least, most = BOUNDS.get(place[-2:], BOUNDS.get(place[-1:], (-np.inf, np.inf)))
        return {place: np.clip(value + parts["sd"] * rng.standard_normal(n), least, most)}
    drawn = [draw_calibration(part, rng, n, (*place, name)) for name, part in parts.items()]
    return {name: number for each in drawn for name, number in each.items()}


def simulate_ordinary(law, rng, n):  # sections 3 and 4, and what deliveries and milestones bring of their own
    known = draw_calibration(law.numbers, rng, n)
    f, g = rng.standard_normal((2, n))
    nu = known["degrees_of_freedom",]
    r = np.sqrt((nu - 2) / rng.chisquare(nu, (4, n)))
    common = r * rng.standard_normal((4, n))
    y = simulate_growth(law, known, f, r, common, rng)
    season = {name: move_season(known, name, course) for name, course in law.numbers["deliveries"]["courses"].items()}
    needed = {
        target["id"]: draw_needed(law, known, season, target, f, g, rng)
        for target in law.targets
        if target["kind"] in DELIVERIES
    }
    drives = {
        target["id"]: draw_drive(known, target, f, g, rng) for target in law.targets if target["kind"] == "milestone"
    }
    return y, (season, np.exp(known["deliveries", "news"] * common), needed), drives


def simulate_growth(law, known, f, r, common, rng):  # sections 3 and 4
    def take(field):
        return np.array([known["indicators", name, field] for name in law.names])

    shape = len(law.names), len(f)
    centre, kept = take("centre"), take("persistence")
    sd, share = take("innovation_sd"), take("innovation_common")
    momentum = law.started[:, None] - centre
    left = momentum * kept ** np.arange(1, 5)[:, None, None]
    b, w = law.base_effect[..., None], law.w[..., None]
    path = centre + b - (w * (b + left)).sum(axis=0)
    spread, tie = take("trend_sd"), take("trend_common")
    trend = spread * (tie * f + np.sqrt(1 - tie**2) * rng.standard_normal(shape))
    y, x = np.empty((4, *shape)), momentum
    for q in range(4):
        x = kept * x + sd * (share * common[q] + np.sqrt(1 - share**2) * r[q] * rng.standard_normal(shape))
        y[q] = path[q] + trend + x
    return y + r[:, None] * take("quarter_sd") * rng.standard_normal((4, *shape))


def move_season(known, name, course):  # section 6
    timing = [known.get(("deliveries", "courses", name, "timing", q), 0) for q in range(4)]
    moved = [share * np.exp(error) for share, error in zip(course["shares"], timing, strict=True)]
    return np.array(np.broadcast_arrays(*(each / sum(moved) for each in moved))).reshape(4, -1)


def count_things(law, target):  # section 6
    listed = law.numbers["deliveries"]["classes"][target["reference_class"] or "other"]["arrivals"]
    things = float(target["value"]) * SINGLES.get(target["unit"], 0)
    return things if listed == "single" and target["kind"] != "programme" and things else np.inf


def draw_needed(law, known, season, target, f, g, rng):  # section 6
    """Log of the course at which what is due by each quarter's end is delivered, shape (quarter, path)."""
    things, at = count_things(law, target), ("deliveries", "classes", target["reference_class"] or "other")
    level = "deliveries", "levels", target["id"]
    shared = known[*at, "shared"]
    spread = known.get((*level, "spread"), known[*at, "spread"])
    spread = np.sqrt(spread**2 + (1 / things if things >= 200 else 0))
    common, macro = shared * known["deliveries", "common"], shared * known["deliveries", "macro"]
    total = np.sqrt(spread**2 + common**2 + macro**2)
    record = known.get(("deliveries", "targets", target["id"], "reach"), known[*at, "reach"])
    reach = find_under_way(known, target) if target["kind"] == "programme" else record
    chance = np.clip(reach * (1 - known["deliveries", "doubt"]), 1e-4, 1 - 1e-4)
    if (*level, "base") in known:
        grown = known[*level, "base"] * (1 + known[*level, "growth"] / 100)
        shares = np.array(law.numbers["deliveries"]["courses"][target["season"]]["shares"])
        jolted = np.sqrt(total**2 + known["deliveries", "news"] ** 2 * (shares**2).sum())
        reach = ndtr(np.log(grown / float(target["value"])) / jolted)
        lead = jolted * ndtri(np.clip(reach * (1 - known["deliveries", "doubt"]), 1e-4, 1 - 1e-4))
    else:
        lead = total * ndtri(chance) if things >= 200 else find_lead(things, chance, total)
    own, ahead = rng.standard_normal(len(f)), lead + common * g + macro * f
    due = np.array(law.numbers["deliveries"]["courses"][target["season"]]["shares"]).cumsum()
    due[-1] = 1
    if things < 200:
        counts = np.ceil(due * things - 1e-9)
        steps = np.diff(counts, prepend=0)[:, None]
        waits = np.where(steps > 0, rng.standard_gamma(np.maximum(steps, 1), (4, len(f))), 0).cumsum(axis=0)
        return np.log(waits / things) - ahead - spread * own
    within, shares = known["deliveries", "within"], season[target["season"]]
    quarters = np.cumsum(shares * rng.standard_normal((4, len(f))), axis=0) / np.maximum(shares.cumsum(axis=0), 1e-12)
    speed = np.sqrt(1 - within) * own + np.sqrt(within / (shares**2).sum(axis=0)) * quarters
    with np.errstate(divide="ignore"):
        return np.log(due)[:, None] - ahead - spread * speed


def find_under_way(known, target):  # section 6: that enough of a programme is under way
    mean, sd = (known["deliveries", "programmes", name] for name in ("share", "share_sd"))
    projects = float(target["value"])
    required = (np.ceil(float(target["required"]) * projects - 1e-9) - 0.5) / projects
    size = np.maximum(mean * (1 - mean) / np.maximum(sd, 1e-6) ** 2 - 1, 0.1)
    return np.where(mean < 1, bdtrc(mean, size, required), 1.0)


def bdtrc(mean, size, required):
    return betaincc(np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9), required)


@cache
def tabulate_leads(things):
    """Leads by the total spread and by the normal level of the chance that so many things have come."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    leads, spreads, levels = np.linspace(-9, 9, 721), np.linspace(0, 0.9, 37), np.linspace(-3.8, 3.8, 153)
    ahead = np.exp(leads[:, None, None] + spreads[:, None] * nodes)
    odds = gammainc(things, things * ahead) @ (weights / weights.sum())
    table = [np.interp(ndtr(levels), each, leads) for each in odds.T]
    return RegularGridInterpolator((spreads, levels), np.array(table))


def find_lead(things, chance, total):  # section 6
    return tabulate_leads(things)(np.stack([np.clip(total, 0, 0.9), ndtri(chance)], axis=-1))


def draw_drive(known, target, f, g, rng):  # section 7
    """Drive; what is needed by each quarter's end, shape (quarter, path); and what a quarter's delay adds to it."""
    own = "works_opening" if target["decided_by"] == "own" else "title_strived_for"
    at = "milestones", "classes", target["reference_class"] or own
    reach = known.get(("milestones", "targets", target["id"], "reach"), known[*at, "reach"])
    chance = np.clip(reach * (1 - known["milestones", "doubt"]), 1e-4, 1 - 1e-4)
    since = np.arange(4)[:, None] - QUARTERS.index(target["quarter"])
    passed = ndtr(since / np.maximum(known["milestones", "timing"], 0.05) + ndtri(0.75))
    common, macro = known["milestones", "common"], known["milestones", "macro"]
    shrink = np.minimum(1, 0.98 / np.maximum(np.hypot(common, macro), 1e-9))
    common, macro = common * shrink, macro * shrink
    drive = common * g + macro * f + np.sqrt(1 - common**2 - macro**2) * rng.standard_normal(len(f))
    return drive, -ndtri(chance * passed / passed[-1]), known[*at, "slip"]


def draw_shocks(shocks, rng, n):  # section 5
    happened, drawn = {}, {}
    for name in sorted(shocks, key=lambda name: "depends_on" in shocks[name]):
        shock, rank = shocks[name], rng.random(n)
        chance = move_chance(shock.get("probability"), rank)
        if chance is None:
            depends = shock["depends_on"]
            chances = (move_chance(depends[f"probability_if_{if_}"], rank) for if_ in ("happened", "not"))
            chance = np.where(happened[depends["shock"]], *chances)
        happened[name] = rng.random(n) < chance
        onset = rng.choice(4, n, p=[shock["onset"].get(quarter, 0) for quarter in QUARTERS])
        assert shock["size"]["law"] == "lognormal"
        low, high = np.log(shock["size"]["interval_90"])
        size = happened[name] * np.exp((low + high) / 2 + (high - low) / (2 * ndtri(0.95)) * rng.standard_normal(n))
        size = size * np.exp(STRENGTH * rng.standard_normal(n) - STRENGTH**2 / 2)
        profile, since = shock["profile"], np.arange(4)[:, None] - onset
        if profile["shape"] == "ramp":
            values = np.minimum(1, np.arange(1, 5) / profile["quarters"])
        else:
            assert profile["shape"] == "list"
            values = np.array([*profile["values"], 0, 0, 0, 0][:4])
        drawn[name] = size, onset, np.where(since >= 0, size * values[np.maximum(since, 0)], 0)
    return drawn


def move_chance(chance, rank):  # section 12: as sure as that many years of record would make it
    if chance is None or chance in (0, 1):
        return chance
    return betaincinv(chance * RECORDS, (1 - chance) * RECORDS, rank)


def find_change(changes, *names):  # section 5: the first that is given holds
    return next((changes[name] for name in (*names, "all") if name in changes), 0.0)


def judge_growth(law, target, cumulative):  # section 8
    row = law.names.index(target["indicator"])
    lower = target["criterion"] == "at_most"
    if target["criterion"] == "about":
        lower = law.indicators[row]["better"] == "lower"
    ahead = (-1 if lower else 1) * (cumulative[:, row] - float(target["value"]))
    rooms = np.array([0.05, 0, float(target["tolerance"]) + 0.05])
    return np.vstack([ahead[3] >= -rooms[:, None], ahead[:3] >= -0.05])


def follow_delivery(target, ordinary, shocks, drawn):  # section 6
    season, news, needed = ordinary
    names = target["id"], target["season"], target["group"]
    speed = 1 + sum(find_change(shocks[name].get("speed", {}), *names) * drawn[name][2] for name in drawn)
    with np.errstate(divide="ignore"):
        course = np.log(np.cumsum(season[target["season"]] * news * np.maximum(speed, 0), axis=0))
    return course >= needed[target["id"]]


def follow_milestone(target, drive, shocks, drawn):  # section 7
    drive, needed, slip = drive
    for name, (size, onset, _) in drawn.items():
        delay = find_change(shocks[name].get("delay", {}), target["id"], target["group"])
        needed = needed + slip * delay * size * (onset <= np.arange(4)[:, None])
    return drive >= np.minimum.accumulate(needed, axis=0)


def judge(law, ordinary, shocks, drawn, rng):
    """Whether each target is met in each reading, shape (reading, target, path)."""
    y, deliveries, drives = ordinary
    for name, (_, _, strength) in drawn.items():
        stated = np.array([shocks[name].get("loadings", {}).get(indicator, 0) for indicator in law.names])[:, None]
        loadings = stated * np.maximum(1 + LOADING * rng.standard_normal((len(stated), y.shape[-1])), 0)
        y = y + loadings * strength[:, None]
    cumulative = np.cumsum(law.w[..., None] * y, axis=0) / np.cumsum(law.w, axis=0)[..., None]
    met = np.empty((len(READINGS), len(law.targets), y.shape[-1]), bool)
    for number, target in enumerate(law.targets):
        if target["kind"] == "growth":
            met[:, number] = judge_growth(law, target, cumulative)
            continue
        if target["kind"] == "milestone":
            course = follow_milestone(target, drives[target["id"]], shocks, drawn)
        else:
            course = follow_delivery(target, deliveries, shocks, drawn)
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
            if target["kind"] == "growth" or reading not in ("stated", "tolerance"):
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
            met = judge(law, ordinary, shocks[name], draw_shocks(shocks[name], rng, CHUNK), rng)
            events, printed = list_events(law, met), met[0, headline].astype(np.int64)
            counts = np.array([np.count_nonzero(came) for came in events.values()])
            parts = counts, (1 - printed) @ printed.T, (1 - printed).sum(axis=1)
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
    assert len(rows) == 77 * 4 + 6 * 2 + 77 + 6 + 77  # targets, printed and within tolerance, k of: groups, six, all
    odds, error = np.array([rows[name] for name in events]).T
    due = np.isfinite(odds)
    blank = {name for name, there in zip(events, due, strict=True) if not there}
    assert blank == {("grain_area", "Q1"), ("grain_output", "Q1")}  # there nothing is due
    odds, error, counts = odds[due], error[due], counts[due]
    fit = (N_PATHS * odds * (1 - odds) > 100) & np.isfinite(error)  # else no normal law, or no error to hold it to
    assert fit.mean() > 0.8
    assert np.abs(counts / N_PATHS - odds)[~fit].max() < 5e-4
    z = standardize(counts[fit], N_PATHS, odds[fit], error[fit])
    assert np.abs(z).max() < limit(len(z))
    sharp = 9 * N_PATHS * error[fit] ** 2 < (odds * (1 - odds))[fit]  # the error is ours: we know how ours correlate
    correlation = np.corrcoef(np.array(list(events.values()))[due][fit][sharp].astype(np.float32))
    degrees = sharp.sum() ** 2 / np.nansum(correlation**2)
    assert sharp.sum() > 77
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
