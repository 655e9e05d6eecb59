"""Check what the schema of `ncco.toml` cannot say about profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.project.profiles import DEPLOYING, KEY_NAME, Wrong, check_params, no_such_profile
from ncco_lang.project.setting_facts import BadName
from ncco_lang.vocabulary.phrases import did_you_mean


def check_profiles(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong with profiles and the schema of `ncco.toml` cannot express."""
    profiles = data.get("profiles", {})
    if not isinstance(profiles, dict):
        return
    for name, profile in profiles.items():
        path: Path = ("profiles", name)
        if KEY_NAME.fullmatch(name) is None:
            yield Wrong(path, BadName(name=name, what="a profile", characters="letters, digits, - and _"))
        if isinstance(profile, dict):
            yield from check_params((*path, "params"), profile.get("params"))
            if DEPLOYING.intersection(profile):
                # Most projects have nothing to deploy, and do not wait for this.
                from ncco_lang.project.target_checks import check_target

                yield from check_target(name, profile)
    chosen = data.get("profile")
    if isinstance(chosen, str) and chosen not in profiles:
        yield Wrong(("profile",), no_such_profile(chosen, profiles), did_you_mean(chosen, profiles))
