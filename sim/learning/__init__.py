"""Where the model's numbers come from and how they did: the annual law, its fit, the back-test and the track record.

Imports `model`, `inputs` and the ground. Stands beside `results` and does not know it; simulates no year of a plan.

The annual law of an outcome, given what January knows:

For the target T of a region in a year, everything known in its January:

    outside  = last + b (F - N) - phi (last - N) + rho own gap
    lean     = odds / (1 + odds), odds = odds0 + k surprise + k_age (age - 1)
    location = outside + bias + lean (T - outside) + w [worded "at least"]
    outcome  = location + u + scale t4,   u ~ (1 - p) normal(0, tau) + p normal(delta, 1)

`last` is the latest outcome, at most three years old; F the mean of the January forecasts of the country's growth; N
the growth announced for the year of `last`; the own gap is last year's outcome minus its target, less the regions'
mean; the surprise is the square of what the outlook changes plus the square of last year's gap. Without an outlook,
F - N is 0, tau grows, and last year's miss counts as surprise. A year's u is shared by all regions: in the fit thirty
regions of one year are one year. The fit is the posterior mode with its Laplace covariance; priors are in `panel.yaml`.

What is known of its record: built on announced GDP targets of 2014-2018 (some forty variants were scored there), scored
once on 2019-2021. Only the way back to the country's growth (phi) has a clear effect; lean and wording have none that
could be told from chance. That F is a mean and not the IMF's forecast alone is the convention of the plans: its score
(0.208 against 0.210) had been seen when it was taken.
"""
