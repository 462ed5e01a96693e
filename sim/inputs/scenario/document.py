"""What a scenario file may hold, and the forms in which people write it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from sim.inputs.files.validation import MOST_AMOUNT, Checked, Name, Rate, Text, refuse
from sim.inputs.scenario.judgements import MOST_JUDGEMENTS, JudgementForm
from sim.inputs.scenario.profiles import Profile
from sim.inputs.scenario.sizes import Size, name_forms

__all__ = ["MOST_SHOCKS", "Dependence", "Rule", "ScenarioFile", "Shock", "Struck", "Title", "When"]

MOST_SHOCKS = 500


_LEAST_CHANCE = 1e-9
"""Odds that anybody could tell from none."""


_FARTHEST = 1000.0
"""Points of growth, quarters of delay, or fold speed that a shock may reach."""


def _check_chance(chance: float) -> float:
    if 0 < chance < _LEAST_CHANCE:
        raise refuse(f"a probability of {chance:g}", f"allowed: 0, or from {_LEAST_CHANCE:g} to 1", code="range")
    return chance


Probability = Annotated[float, Field(ge=0, le=1), AfterValidator(_check_chance)]


class Title(Checked):
    """Words in English and Chinese.

    Attributes
    ----------
    en : str
        In English.
    zh : str
        In Chinese.
    """

    en: Text
    zh: Text

    @model_validator(mode="before")
    @classmethod
    def _ask_for_both(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise refuse(f"'{given}' is in one language", "write {en: ..., zh: ...}")
        return given


def _tell_languages(given: object) -> str:
    return "both" if isinstance(given, dict | Title) else "one"


Words = Annotated[Annotated[Text, Tag("one")] | Annotated[Title, Tag("both")], Discriminator(_tell_languages)]
"""A text in whatever language, or in English and Chinese."""


class Dependence(Checked):
    """How likely a shock is once it is known whether another one happened.

    Attributes
    ----------
    shock : str
        The other shock.
    probability_if_happened : float
        This one's probability if the other happened, 0 to 1.
    probability_if_not : float
        This one's probability if it did not, 0 to 1.
    """

    shock: Name
    probability_if_happened: Probability
    probability_if_not: Probability


def _read_points(given: Any) -> Any:
    """Read a loading in percentage points, bare or as `-0.8 pp`; a share in % is another unit, and refused."""
    if not isinstance(given, str):
        return given
    number, _, unit = given.strip().partition(" ")
    if given.rstrip().endswith("%"):
        raise refuse(f"'{given}' is in %, a loading is in percentage points", "write -0.8 or '-0.8 pp'", code="unit")
    if unit.strip() == "pp":
        return number
    return given


def _read_onset(given: Any) -> Any:
    if isinstance(given, str):
        return {given: 1.0}
    if not isinstance(given, dict):
        raise refuse("the onset is neither a quarter nor weights", "write Q2 or {Q1: 0.4, Q2: 0.6}")
    return given


def _read_parents(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _read_size(given: Any) -> Any:
    if isinstance(given, int | float | str):
        raise refuse(f"a size of '{given}' has no law", "write {law: fixed, value: 1}, or another law")
    if isinstance(given, dict) and "law" not in given:
        raise refuse("key 'law' is missing", "allowed: " + ", ".join(name_forms(Size, "law")), code="missing")
    return given


def _read_profile(given: Any) -> Any:
    if isinstance(given, dict) and "shape" not in given:
        raise refuse("key 'shape' is missing", "allowed: " + ", ".join(name_forms(Profile, "shape")), code="missing")
    return {"shape": given} if isinstance(given, str) else given


_QUARTER_OR_WEIGHTS = [
    {"type": "string"},
    {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
]


_ONE_OR_SEVERAL = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]


Onset = Annotated[dict[str, Probability], BeforeValidator(_read_onset), WithJsonSchema({"anyOf": _QUARTER_OR_WEIGHTS})]


Parents = Annotated[list[str] | None, BeforeValidator(_read_parents), WithJsonSchema({"anyOf": _ONE_OR_SEVERAL})]


Points = Annotated[
    Rate,
    BeforeValidator(_read_points),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+]?[0-9.]+ pp$"}]}),
]


class Struck(Checked):
    """What a shock does once it strikes.

    Attributes
    ----------
    title : Title
        Its name in English and Chinese.
    onset : str or dict of str to float
        The quarter it begins in, or weights over quarters that sum to one.
    size : Size
        Law of the size, in the shock's own unit.
    profile : Profile
        Course over the quarters from the onset on, at size one.
    loadings : dict of str to float
        Percentage points of single-quarter growth by indicator, per unit of size at full profile.
    speed : dict of str to float
        Change of the speed of deliveries per unit of size at full profile, as a share (-0.2: a fifth slower; -1
        stops them); by target, class of delivery, group, or `all`, of which the first that is given holds.
    delay : dict of str to float
        Quarters that milestones planned for the onset or later are delayed, per unit of size; by target, group or
        `all`, likewise.
    source : str
        Where the numbers come from, or the word "assumption" with what it rests on.
    """

    title: Title
    onset: Onset
    size: Annotated[Size, Field(discriminator="law"), BeforeValidator(_read_size)]
    profile: Annotated[Profile, Field(discriminator="shape"), BeforeValidator(_read_profile)]
    loadings: dict[str, Points] = Field(default_factory=dict)
    speed: dict[str, Rate] = Field(default_factory=dict)
    delay: dict[str, Rate] = Field(default_factory=dict)
    source: Text

    @field_validator("onset")
    @classmethod
    def _check_weights(cls, onset: dict[str, float]) -> dict[str, float]:
        if abs(sum(onset.values()) - 1) > 1e-6:
            raise refuse(f"the onset weights sum to {sum(onset.values()):g}", "they must sum to 1")
        return onset

    @model_validator(mode="after")
    def _check_reach(self) -> Self:
        """Refuse a shock that reaches farther than any law of growth holds, however harmless its parts look."""
        strength = self.size.reach() * self.profile.peak()
        for kind, unit in (("loadings", "points of growth"), ("speed", "times the speed"), ("delay", "quarters")):
            for name, loading in getattr(self, kind).items():
                if abs(loading) * strength > _FARTHEST:
                    problem = f"{kind} of '{name}' times the largest sizes reach {abs(loading) * strength:.3g} {unit}"
                    raise refuse(problem, f"allowed: up to {_FARTHEST:g}", code="range")
        return self

    def weigh_onsets(self, quarters: Iterable[str]) -> list[float]:
        """Onset weight of each quarter of the year; they sum to one."""
        return [self.onset.get(quarter, 0.0) for quarter in quarters]


class Shock(Struck):
    """Something that may happen in the year.

    Attributes
    ----------
    probability : float, optional
        Of happening in the year; None where `depends_on` says it.
    depends_on : Dependence, optional
        Another shock that changes this one's probability.
    """

    probability: Probability | None = None
    depends_on: Dependence | None = None

    @model_validator(mode="after")
    def _check_chance(self) -> Shock:
        if (self.probability is None) == (self.depends_on is None):
            raise refuse("a shock needs either a probability or depends_on", "give one of the two")
        return self


class When(Checked):
    """The printed figure that a rule waits for, and the number on whose side it must be.

    Attributes
    ----------
    series : str
        An indicator or a delivery.
    period : str
        From the year's start (`Q1`, `H1`, `Q1-Q3`), or of growth a single quarter (`Q2`).
    printed_below : float, optional
        The rule answers to a figure that is printed below this: % of growth, of a delivery in the unit of its target.
    at_least : float, optional
        In its place: to one that is printed as this or more.
    """

    series: Text
    period: Text
    printed_below: Annotated[float, Field(ge=-1000, le=MOST_AMOUNT)] | None = None
    at_least: Annotated[float, Field(ge=-1000, le=MOST_AMOUNT)] | None = None

    @model_validator(mode="after")
    def _check_side(self) -> When:
        if (self.printed_below is None) == (self.at_least is None):
            raise refuse("a rule needs either printed_below or at_least", "give one of the two")
        return self

    @property
    def value(self) -> float:
        """The number that the figure is held against."""
        return float(self.at_least if self.printed_below is None else self.printed_below)  # type: ignore[arg-type]

    @property
    def words(self) -> str:
        """The condition as it would be said, as in `gdp H1 < 5`."""
        return f"{self.series} {self.period} {'≥' if self.printed_below is None else '<'} {self.value:g}"


class Rule(Struck):
    """A policy's response to a printed figure: a shock that strikes where the figure is on one side of a number.

    Attributes
    ----------
    when : When
        The figure that decides; the response may begin in the quarter after it at the earliest.
    """

    when: When

    @property
    def shock(self) -> Shock:
        """What it does, as a shock that never happens by chance."""
        own = {name: getattr(self, name) for name in Struck.model_fields}
        return Shock.model_construct(**own, probability=0.0, depends_on=None)


class ScenarioFile(Checked):
    """A scenario: the shocks that may strike in the year, as a difference from other scenarios.

    Attributes
    ----------
    schema_version : int
        The form of this file: 1.
    extends : str or list of str, optional
        Scenarios whose shocks it takes over, shipped ones by name or files by path; where two say the same, the later.
    title : Title
        What it is called in English and Chinese.
    why : str or Title
        Why it is worth asking, and what its numbers rest on.
    sources : list of str
        Where its numbers come from, or the word "assumption".
    shocks : dict of str to Shock
        By name; of an inherited shock only what is different, and null takes it away.
    rules : dict of str to Rule
        By name, likewise: responses to printed figures.
    judgements : list of Judgement, optional
        What somebody knows better than the model; added to inherited ones, of which one about the same gives way, and
        null takes them all away.
    mixture : dict of str to float, optional
        In place of shocks: scenarios of which one comes true, with the probability of each; they sum to 1.
    """

    schema_version: Literal[1]
    extends: Parents = None
    title: Title
    why: Words
    sources: Annotated[list[Text], Field(min_length=1)]
    shocks: Annotated[dict[Name, Shock], Field(max_length=MOST_SHOCKS)] = Field(default_factory=dict)
    rules: Annotated[dict[Name, Rule], Field(max_length=MOST_SHOCKS)] = Field(default_factory=dict)
    judgements: Annotated[list[JudgementForm], Field(max_length=MOST_JUDGEMENTS)] | None = None
    mixture: Annotated[dict[str, Probability], Field(min_length=1, max_length=MOST_SHOCKS)] | None = None

    @field_validator("mixture")
    @classmethod
    def _check_mixture(cls, mixture: dict[str, float] | None) -> dict[str, float] | None:
        if mixture is not None and abs(sum(mixture.values()) - 1) > 1e-6:
            raise refuse(f"the weights of the mixture sum to {sum(mixture.values()):g}", "they must sum to 1")
        return mixture

    @model_validator(mode="after")
    def _check_parts(self) -> ScenarioFile:
        if self.mixture is not None and (self.shocks or self.rules):
            own = "shocks" if self.shocks else "rules"
            raise refuse(f"a mixture has no {own} of its own", f"leave out {own} and extends, or mixture")
        if self.mixture is not None and self.judgements:
            raise refuse("a mixture is not judged", "leave out judgements; its weights are the judgement")
        if self.rules and self.judgements:
            raise refuse("rules and judgements are not weighed together", "write them in two scenarios")
        return self
