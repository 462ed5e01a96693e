"""Where the model's numbers come from and how they did: the annual law, its fit, the back-test and the track record.

Imports `model`, `inputs` and the ground. Stands beside `results` and does not know it; simulates no year of a plan.

The annual law of an outcome, given what January knows:

For the target T of a region in a year, everything known in its January:

    outside  = last + b (F - N) - phi premium + rho own gap
    lean     = odds / (1 + odds), odds = odds0 + k surprise + k_age (age - 1)
    location = outside + bias + lean (T - outside) + w [worded "at least"]
    outcome  = location + u + scale t,   u ~ (1 - p) normal(0, tau) + p normal(delta, 1)

`last` is the latest outcome, at most three years old; F the mean of the January forecasts of the country's growth; N
the growth announced for the year of `last`; the premium is `last` less what the country had in its year: N for GDP, the
median of the data's other regions for all else; the own gap is last year's outcome minus its target, less the regions'
mean; the surprise is the square of what the outlook changes plus the square of last year's gap. Without an outlook,
F - N is 0, tau grows, and last year's miss counts as surprise; without other regions `last` says less, so that lean
and scale grow. t is Student's, its degrees of freedom fitted. A year's u is shared by all regions: in the fit thirty
regions of one year are one year. The fit is the posterior mode with its Laplace covariance; priors are in `panel.yaml`.

What is known of its record: built on announced GDP targets of 2014-2018 (some forty variants were scored there), scored
once on 2019-2021. Only the way back to the country's growth (phi) has a clear effect; lean and wording have none that
could be told from chance. That F is a mean and not the IMF's forecast alone is the convention of the plans: its score
(0.208 against 0.210) had been seen when it was taken. Tails of Student t with fitted degrees of freedom came later and
changed the score by less than 0.0002.

Beside GDP, phi is what helps too. Of a region's lead over the others' median, 0.4 to 0.8 is gone a year later
(provincial outcomes 2002-2011: revenue 0.84, s.e. 0.07; investment 0.37, 0.10; urban income 0.66, 0.05): hence the
prior of 0.5. Four variants were scored on 38 targets of revenue, retail, investment and income to 2019: as before,
Brier 0.238; with half of each prior common to the four and wider priors of bias and lean, 0.243; with phi and half of
each prior common, 0.215; with phi alone, 0.215, which was kept. Outcomes without a target were not used in the fit:
they tell of the outside view's errors, not of the target's.
"""
