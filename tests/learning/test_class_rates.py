"""Class rates, ratios and shares: closed forms against integration and scipy, and what the records are worth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from sim.inputs.plan.plan import Plan
from sim.inputs.records import Programmes, Records, read_programmes, read_records
from sim.learning.class_rates import KINSHIP, LIKENESS, PRIOR, REACHES_FINAL, SILENCE, Rate, learn_rates, rate_targets
from sim.learning.delivered_ratios import PILE_ENDS, RatioLaw, fit_ratios
from sim.learning.programme_shares import ShareLaw, fit_shares
from sim.learning.record_weights import RARE_YEARS, Tally, fit_overlap, fit_overlaps, tally_rows, weigh_rows

shares = st.floats(0.05, 0.95)
weights = st.floats(0.5, 50)


@pytest.fixture(scope="module")
def records() -> Records:
    return read_records()


def write(folder: Path, text: str) -> Records:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_records(path)


def write_lists(folder: Path, class_id: str, lists: Sequence[tuple[int, int]]) -> Records:
    rows = [f"R{place},2020,tasks,{class_id},{items},{met}" for place, (items, met) in enumerate(lists)]
    return write(folder, "region,year,item,class,items,met\n" + "\n".join(rows) + "\n")


@given(shares, weights, st.integers(0, 20), st.integers(0, 20))
def test_adding_a_record_is_the_posterior_by_integration(mean: float, weight: float, kept: int, lost: int) -> None:
    with np.errstate(invalid="ignore"):  # its recurrence divides zero by zero where the weight is one
        nodes, weigh = special.roots_jacobi(40, (1 - mean) * weight - 1, mean * weight - 1)  # exact for polynomials
    share = (1 + nodes) / 2
    told = weigh * share**kept * (1 - share) ** lost
    found = Rate(mean=mean, weight=weight).add(Tally(kept + lost, kept))
    assert found.mean == pytest.approx((told * share).sum() / told.sum(), rel=1e-6)
    assert found.weight == pytest.approx(weight + kept + lost)


@given(shares, weights, st.floats(0.5, 20))
def test_passing_down_keeps_mean_and_variance_of_the_two_levels(mean: float, weight: float, likeness: float) -> None:
    group = stats.beta(mean * weight, (1 - mean) * weight)
    within = group.expect(lambda p: p * (1 - p)) / (likeness + 1)
    found = Rate(mean=mean, weight=weight).pass_down(likeness)
    assert found.mean == pytest.approx(mean)
    assert found.sd**2 == pytest.approx(within + group.var(), rel=1e-4)


@given(shares, weights, st.integers(1, 40))
def test_counts_and_quantiles_agree_with_scipy(mean: float, weight: float, n: int) -> None:
    rate, shape = Rate(mean=mean, weight=weight), (mean * weight, (1 - mean) * weight)
    np.testing.assert_allclose(rate.list_chances(n), stats.betabinom(n, *shape).pmf(np.arange(n + 1)), rtol=1e-6)
    np.testing.assert_allclose(rate.quantile(0.1), stats.beta(*shape).ppf(0.1), rtol=1e-6)
    low, high = rate.find_range(n)
    chances = rate.list_chances(n)
    assert chances[round(low * n) : round(high * n) + 1].sum() >= 0.8 - 1e-9


def test_one_class_alone_is_pooled_with_the_stated_prior(tmp_path: Path) -> None:
    rows = "".join(f"R{place},2021,jobs,jobs,5,{figure}\n" for place, figure in enumerate((6, 6, 4, 7)))
    rates = learn_rates(write(tmp_path, "region,year,item,class,promised,delivered\n" + rows))
    before = Rate(mean=PRIOR.value, weight=1.0).pass_down(KINSHIP).pass_down(LIKENESS.value)
    assert rates["jobs"].mean == pytest.approx((before.mean * before.weight + 3) / (before.weight + 4))
    assert (rates["jobs"].n, rates["jobs"].reached, rates["jobs"].effective) == (4, 3, 4)
    assert rates["jobs"].from_data == pytest.approx(4 / (4 + before.weight))


def test_lists_count_as_so_many_promises_less_their_overlap(tmp_path: Path) -> None:
    one = write_lists(tmp_path, "list_of_deeds", [(20, 19)])
    rate, overlap = learn_rates(one)["list_of_deeds"], fit_overlap(one).value
    assert (rate.n, rate.reached) == (20, 19)
    assert rate.effective == pytest.approx(20 / (1 + 19 * overlap))


def test_a_series_of_many_reports_says_no_more_of_its_class_than_its_likeness(tmp_path: Path) -> None:
    rows = "".join(f"A,{year},jobs,jobs,5,6,report {year}\n" for year in range(1900, 2000))
    records = write(tmp_path, "region,year,item,class,promised,delivered,source\n" + rows)
    assert learn_rates(records)["jobs"].effective == pytest.approx(100 * 7 / 106)
    assert learn_rates(records).find_target("jobs", "A", ["jobs"]).effective == 100


def test_a_class_without_a_record_learns_from_its_family_and_is_wider(records: Records) -> None:
    rates = learn_rates(records)
    bare, known = rates["own_recognition"], rates["jobs"]
    assert not bare.has_record
    assert known.has_record
    assert bare.sd > 2 * known.sd
    assert bare.effective == bare.from_data == 0
    assert rates["ramp_up"].quantile(0.9) - rates["ramp_up"].quantile(0.1) > 0.5, "no record, no family: all is open"


def test_nothing_at_all_leaves_the_stated_prior(tmp_path: Path) -> None:
    rates = learn_rates(write(tmp_path, "region,year,item,class,promised,delivered\nA,2020,jobs,jobs,5,\n"))
    assert {rate.mean for name, rate in rates.rates.items() if name != "title_strived_for"} == {PRIOR.value}
    assert not any(rate.has_record for rate in rates.rates.values())


def test_what_does_not_count_changes_nothing(records: Records) -> None:
    every, counted = learn_rates(records), learn_rates(records.where(records.counted))
    for name, rate in every.rates.items():
        assert rate.mean == pytest.approx(counted[name].mean, abs=1e-12)
    openings = every.find_target("works_opening", "Zhengzhou", ["metro 4"])
    assert openings.n == 0, "a sample of openings is no record"


def test_figures_within_the_year_count_and_move_little(records: Records) -> None:
    every, final = learn_rates(records), learn_rates(records.where(records.state != "early"))
    moves = [every[name].mean - final[name].mean for name in every.rates]
    assert every["enrolment"].n == final["enrolment"].n + 7
    assert 0 <= max(moves) < 0.01


def test_own_record_is_pooled_with_its_class_without_itself(records: Records) -> None:
    rates = learn_rates(records)
    rest = records.where(~((records.region == "Qingdao") & (records.item == "charging piles built")))
    before = learn_rates(rest, overlaps=rates.overlaps)["network"].pass_down(LIKENESS.value)
    own = rates.find_target("network", "Qingdao", ["charging piles built"])
    assert own.mean == pytest.approx((before.mean * before.weight + 1) / (before.weight + 1))
    assert (own.n, own.reached) == (1, 1)
    assert rates.find_target("network").mean == pytest.approx(rates["network"].mean)


def test_every_target_of_a_plan_has_its_rate(records: Records, plan: Plan) -> None:
    rates = learn_rates(records)
    table = rate_targets(plan, rates).set_index("target")
    growth = [target.id for target in plan.judged if target.kind == "growth"]
    assert set(table.index) == {target.id for target in plan.judged} - set(growth)
    jobs = rates.find_target("jobs", "Qingdao", ["urban new jobs"])
    assert table["mean"]["urban_jobs"] == jobs.mean
    assert table.chance["urban_jobs"] == pytest.approx(jobs.mean * (1 - SILENCE.value))
    title = table.loc["shipbuilding_cluster"]
    assert title.chance == title["mean"] == pytest.approx(rates["title_strived_for"].mean)
    assert table.chance.isna().sum() == 8 + 2, "programmes have a law of their own, two have no evidence either way"


def test_shares_of_rare_years_are_told(records: Records) -> None:
    rates = learn_rates(records)
    assert rates["works_opening"].shock_share > 0.5, "most of that record is of 2020"
    assert rates["projects_completed"].shock_share == 0
    assert np.isnan(rates["ramp_up"].shock_share)


def test_years_of_a_shock_are_followed_to_wherever_their_records_go(records: Records) -> None:
    """Records of ordinary years count as one would count without the others; all of it adds up."""
    rates = learn_rates(records)
    for name, rate in rates.rates.items():
        assert 0 <= rate.shock <= rate.weight, name
        if rate.n:
            assert rate.shock >= rate.effective * rate.shock_share, name
    rare = np.isin(records.year, RARE_YEARS)
    calm = learn_rates(records.where(~rare), overlaps=rates.overlaps)
    assert all(rate.shock == 0 for rate in calm.rates.values())
    opening = rates["works_opening"]
    assert opening.effective * opening.shock_share / opening.weight < opening.shock / opening.weight < 0.4


def test_titles(records: Records) -> None:
    rates = learn_rates(records)
    final, striven = rates["title_final_round"], rates["title_strived_for"]
    assert (final.reached, final.n) == (174, 279)
    assert 0.5 < final.mean < 0.75
    between = np.sqrt(rates.overlaps["others"].value * final.mean * (1 - final.mean))
    assert between == pytest.approx(0.12, abs=0.03)
    rng = np.random.default_rng(3)
    last = rng.beta(final.mean * final.weight, (1 - final.mean) * final.weight, 400_000)
    total = REACHES_FINAL.value * (1 - REACHES_FINAL.value) / REACHES_FINAL.sd**2 - 1
    first = rng.beta(REACHES_FINAL.value * total, (1 - REACHES_FINAL.value) * total, 400_000)
    assert striven.mean == pytest.approx((last * first).mean(), abs=1e-3)
    assert striven.sd == pytest.approx((last * first).std(), abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_ranges_hold_the_other_half_of_the_record(records: Records, seed: int) -> None:
    """The share of each class in one half of the reports, four times in five, by what the other half teaches."""
    counted = records.where(records.counted)
    rng = np.random.default_rng(seed)
    held: list[bool] = []
    names = np.unique(counted.report.astype(str))
    for _ in range(10):
        chosen = np.isin(counted.report.astype(str), rng.permutation(names)[: len(names) // 2])
        for taught, asked in ((chosen, ~chosen), (~chosen, chosen)):
            rates, rest = learn_rates(counted.where(taught)), counted.where(asked)
            for name, rate in rates.rates.items():
                rows = rest.class_id == name
                if not rows.any() or not rate.n:
                    continue
                sizes = [int(rest.count[rows & (rest.report == one)].sum()) for one in set(rest.report[rows])]
                low, high = rates.find_share_range(name, sizes)
                held.append(low - 1e-9 <= rest.reached[rows].sum() / sum(sizes) <= high + 1e-9)
    assert np.mean(held) >= 0.8
    assert len(held) > 100


def test_overlap_is_found_where_lists_hang_together(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)

    def draw(overlap: float) -> float:
        share = rng.beta(0.7 * (1 / overlap - 1), 0.3 * (1 / overlap - 1), 150)
        return fit_overlap(
            write_lists(tmp_path, "list_of_tasks", [(40, int(k)) for k in rng.binomial(40, share)])
        ).value

    assert draw(0.3) == pytest.approx(0.3, abs=0.06)
    assert draw(0.02) == pytest.approx(0.02, abs=0.01)
    nothing = fit_overlap(write(tmp_path, "region,year,item,class,promised,delivered\nA,2020,jobs,jobs,5,6\n"))
    assert nothing.value == pytest.approx(0.1, abs=1e-6)


def test_overlap_against_a_search_over_a_grid(records: Records) -> None:
    lists = records.where(records.counted & (records.count > 1) & (records.class_id == "list_of_deeds"))
    mean = (lists.reached.sum() + 0.5) / (lists.count.sum() + 1)
    grid = np.linspace(np.log(0.5), np.log(2000), 20001)

    def lose(at: float) -> float:
        first, second = mean * np.exp(at), (1 - mean) * np.exp(at)
        told = stats.betabinom(lists.count, first, second).logpmf(lists.reached).sum()
        return float((at - np.log(9)) ** 2 / 2 - told)

    best = grid[np.argmin([lose(at) for at in grid[::20]]) * 20]
    assert fit_overlap(lists).value == pytest.approx(1 / (1 + np.exp(best)), abs=1e-3)


def test_weights_of_rows_add_up_to_their_tally(records: Records) -> None:
    weights = weigh_rows(records, fit_overlaps(records), LIKENESS.value)
    assert (weights[~records.counted] == 0).all()
    assert (weights <= 1 + 1e-12).all()
    tally = tally_rows(records, weights)
    assert 0 < tally.shock < tally.reached < tally.effective < records.count[records.counted].sum()
    assert Tally(100.0, 90.0, 0.0).cut(6).effective < 7
    assert Tally(0.5, 0.5, 0.0).cut(6).effective == 0.5


def test_rows_of_low_confidence_count_half(tmp_path: Path) -> None:
    header = "region,year,item,class,promised,delivered,confidence\n"
    low, high = (
        learn_rates(write(tmp_path, f"{header}A,2020,jobs,jobs,5,6,{level}\n"))["jobs"].effective
        for level in ("low", "high")
    )
    assert (low, high) == (0.5, 1.0)


def test_ratio_law_integrates_and_inverts() -> None:
    law = RatioLaw(pile=0.3, pile_sd=0.0, tail=0.2, tail_sd=0.0, n=0)
    pareto = stats.pareto(5, scale=PILE_ENDS)
    at = np.array([1.2, 1.5, 3.0])
    np.testing.assert_allclose(law.cdf(at), 0.3 + 0.7 * pareto.cdf(at))
    np.testing.assert_allclose(law.ppf(law.cdf([1.01, 1.04, 1.2, 4.0])), [1.01, 1.04, 1.2, 4.0])
    assert law.cdf(0.99) == 0


def test_ratios_fitted_to_the_records(records: Records) -> None:
    every = fit_ratios(records)
    final = records.ratio[(records.table == "counts") & (records.state == "final")]
    assert every.n == len(final) == 156
    assert every.pile == pytest.approx((final <= PILE_ENDS).mean())
    assert every.tail == pytest.approx(1 / stats.pareto.fit(final[final > PILE_ENDS], floc=0, fscale=PILE_ENDS)[0])
    assert stats.kstest(final[final > PILE_ENDS], stats.pareto(1 / every.tail, scale=PILE_ENDS).cdf).pvalue > 0.1
    jobs, works = fit_ratios(records, "jobs"), fit_ratios(records, "livelihood_facilities")
    assert jobs.pile < every.pile < works.pile
    bare = fit_ratios(records, "own_recognition")
    assert (bare.pile, bare.tail, bare.n) == (pytest.approx(every.pile), pytest.approx(every.tail), 0)
    assert bare.tail_sd > 2 * works.tail_sd


def test_no_ratio_no_law(records: Records) -> None:
    with pytest.raises(ValueError, match="no record of a number delivered beyond its promise"):
        fit_ratios(records.where(records.table == "lists"))


@given(st.floats(0.6, 0.97), st.floats(0.03, 0.1), st.floats(0.7, 0.95), st.integers(2, 60))
def test_rules_of_programmes_agree_with_scipy(mean: float, sd: float, required: float, projects: int) -> None:
    law, total = ShareLaw(mean=mean, sd=sd, mean_sd=0, sd_sd=0, n=0), mean * (1 - mean) / sd**2 - 1
    shape = (mean * total, (1 - mean) * total)
    assert law.meet(required) == pytest.approx(stats.beta(*shape).sf(required), abs=1e-9)
    least = int(np.ceil(required * projects - 1e-9))
    assert law.meet(required, projects) == pytest.approx(stats.betabinom(projects, *shape).sf(least - 1), abs=1e-7)
    assert 0 <= law.meet(required, 5000) <= 1


def make_programmes(missing: np.ndarray, month: np.ndarray) -> Programmes:
    size, text = len(month), np.array(["A"] * len(month), dtype=object)
    planned = np.full(size, 1e6)
    return Programmes(
        region=text,
        scope=text,
        year=np.zeros(size, dtype=np.int64),
        month=month,
        projects=planned,
        starts_planned=planned,
        starts_done=planned * (1 - missing),
        investment_share=np.full(size, np.nan),
    )


def test_shares_are_found_again_where_data_abound() -> None:
    rng = np.random.default_rng(2)
    month = rng.integers(3, 13, 1000)
    mean = 1 / (1 + np.exp(2.0 + 0.15 * (month - 12)))
    law = fit_shares(make_programmes(rng.beta(mean * 20, (1 - mean) * 20), month))
    end = 1 - 1 / (1 + np.exp(2.0))
    assert law.mean == pytest.approx(end, abs=4 * law.mean_sd)
    assert law.sd == pytest.approx(np.sqrt(end * (1 - end) / 21), abs=4 * law.sd_sd)
    assert law.mean_sd < 0.01


def test_shares_of_the_records() -> None:
    law = fit_shares(read_programmes())
    assert law.n == 12
    assert 0.88 < law.mean < 0.98
    assert law.mean_sd > 0.015, "twelve figures do not settle it"
    assert law.meet(0.8) > law.meet(0.9) > law.meet(0.95)


def test_the_mode_of_the_shares_is_a_mode() -> None:
    """The posterior mode, found again by another search on the density that scipy gives."""
    programmes = read_programmes()
    known = np.isfinite(programmes.missing)
    missing, left = programmes.missing[known], programmes.month[known] - 12

    def lose(number: np.ndarray) -> float:
        mean, weight = 1 / (1 + np.exp(-number[0] - number[1] * left)), np.exp(number[2])
        prior = stats.norm([-2.5, -0.2, 2.0], [1.5, 0.15, 1.0]).logpdf(number).sum()
        return float(-prior - stats.beta(mean * weight, (1 - mean) * weight).logpdf(missing).sum())

    best = optimize.minimize(lose, [-2.0, -0.1, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    assert fit_shares(programmes).mean == pytest.approx(1 - 1 / (1 + np.exp(-best[0])), abs=1e-5)


def test_the_chance_of_a_rule_is_an_integral_over_shares() -> None:
    law = ShareLaw(mean=0.94, sd=0.06, mean_sd=0, sd_sd=0, n=0)
    total = law.mean * (1 - law.mean) / law.sd**2 - 1
    share = stats.beta(law.mean * total, (1 - law.mean) * total)
    by_hand, _ = integrate.quad(lambda s: float(share.pdf(s) * stats.binom(20, s).sf(17)), 0, 1)
    assert law.meet(0.9, 20) == pytest.approx(by_hand, abs=1e-6)
