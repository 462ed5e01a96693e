"""From a model and a scenario to a result: random streams, paths and counting, the exact method, executors.

Imports `results`, `model`, `inputs` and the ground (`learning` may be, but is not needed). Draws no chart and asks no
question of its own: that is what `analysis` and `views` do with its results.
"""
