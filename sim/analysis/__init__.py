"""Questions asked of a model again and again: what-ifs, sweeps, sensitivity, stored paths, repeated runs.

Imports `engine` and every room below it. Shows nothing: its answers are arrays and frames that `views` draws.
"""
