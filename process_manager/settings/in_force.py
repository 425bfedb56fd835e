"""The settings in force, and where each of them comes from."""

from __future__ import annotations

import difflib

from pydantic import ValidationError

from process_manager.errors import SettingsError
from process_manager.redaction import redact_text
from process_manager.settings import declared, sources
from process_manager.settings.model import Settings
from process_manager.settings.sources import PREFIX, field, where

_TEST_PREFIX = PREFIX + "TEST_"  # the servers of the test suite: ignored, but not an error

Found = dict[str, dict[str, object]]
"""By source, in their order of precedence: each key that it sets, and its value."""


def load(**overrides: object) -> Settings:
    """Return the settings in force: from the caller, the environment, `.env` and `process_manager.toml`, in this order.

    Args:
        overrides: What the caller sets, by the name of the setting; None leaves it to the others.

    Returns:
        The settings, which never change; those that the process packages declare are among them.

    Raises:
        SettingsError: A setting is unknown or wrong; the error says where it stands and what to do.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    found = _found(given)
    model = _model(found)
    for source, pairs in found.items():
        _check_keys(model, source, pairs)
    try:
        return model(**given)
    except ValidationError as error:
        raise _explain(error, model, found) from None


def model_in_force() -> type[Settings]:
    """Return the class of the settings in force: the engine's, and those that the process packages declare.

    Raises:
        SettingsError: `.env`, `process_manager.toml` or the declaration of a package cannot be read.
    """
    return _model(_found({}))


def origins() -> dict[str, str]:
    """Return where each setting comes from.

    Returns:
        By the name of the setting: a variable, a line of `.env` or of `process_manager.toml`, or `default`.
    """
    found = _found({})
    told = dict.fromkeys(_model(found).model_fields, "default")
    for source, pairs in reversed(found.items()):
        told.update({field(source, key): where(source, key) for key in pairs if field(source, key) in told})
    return told


def _found(given: dict[str, object]) -> Found:
    return {source: dict(pairs) for source, pairs in sources.pairs(given)}


def _model(found: Found) -> type[Settings]:
    named = (pairs[key] for source, pairs in found.items() for key in pairs if field(source, key) == "process_packages")
    return declared.model_of(declared.packages_in(next(named, ())))


def _check_keys(model: type[Settings], source: str, pairs: dict[str, object]) -> None:
    for key, value in pairs.items():
        name = field(source, key)
        if name not in model.model_fields and not (source == "env" and key.startswith(_TEST_PREFIX)):
            hint = _suggest(model, source, name)
            raise SettingsError(where=where(source, key), problem="is not a setting", hint=hint)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise SettingsError(where=where(source, key), problem="is empty", hint="Remove it or give it a value.")


def _suggest(model: type[Settings], source: str, name: str) -> str:
    spelled = name.lower().replace("-", "_").removeprefix(PREFIX.lower())
    likely = difflib.get_close_matches(spelled, model.model_fields, n=1)
    prefix = PREFIX if source in ("env", "dotenv") else ""
    if likely:
        return f"Did you mean {prefix + likely[0].upper() if prefix else likely[0]}?"
    return f"The settings are {', '.join(model.model_fields)}."


def _explain(error: ValidationError, model: type[Settings], found: Found) -> SettingsError:
    """Return the first problem that pydantic found, with the place it comes from."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0])
    place = next(
        (where(source, key) for source, pairs in found.items() for key in pairs if field(source, key) == name), name
    )
    facts = first.get("ctx", {})
    problem = str(facts.get("problem") or f"is refused: {first['msg'][0].lower()}{first['msg'][1:]}")
    hint = str(facts.get("hint") or model.model_fields[name].description)
    return SettingsError(where=place, problem=redact_text(problem), hint=hint)  # pydantic's text repeats the value
