"""The settings: from the caller, the environment, `.env` and `process_manager.toml`, in this order."""

from process_manager.settings.declared import model_of
from process_manager.settings.in_force import load, model_in_force, origins
from process_manager.settings.model import PackageSettings, Settings
from process_manager.settings.shown import ShownSetting, shown
from process_manager.settings.sources import PREFIX
from process_manager.settings.value_types import Url

__all__ = [
    "PREFIX",
    "PackageSettings",
    "Settings",
    "ShownSetting",
    "Url",
    "load",
    "model_in_force",
    "model_of",
    "origins",
    "shown",
]
