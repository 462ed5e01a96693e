"""The annual law of an outcome, given what January knows."""

from sim.annual.features import Features, build_features, build_past_features
from sim.annual.law import AnnualFit, Parameter, fit_annual, locate, name_parameters, predict
from sim.annual.panel import PANEL_FILE, TRANSFORMS, Panel, Prior, find_prior, read_panel
from sim.annual.predictive import Predictive

__all__ = [
    "PANEL_FILE",
    "TRANSFORMS",
    "AnnualFit",
    "Features",
    "Panel",
    "Parameter",
    "Predictive",
    "Prior",
    "build_features",
    "build_past_features",
    "find_prior",
    "fit_annual",
    "locate",
    "name_parameters",
    "predict",
    "read_panel",
]
