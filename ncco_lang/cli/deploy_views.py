"""`ncco deploy --drift` and `--history`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ncco_lang.cli.console import emit, wants_colour
from ncco_lang.cli.render import count_words

if TYPE_CHECKING:
    from ncco_lang.deploy.profile_paths import ProfilePaths

_NOTHING = "nothing was deployed with this profile\n"


def show_drift(paths: ProfilePaths, keys: tuple[str, ...], *, as_json: bool) -> int:
    """Print what changed at the provider since the last deploy; return 1 if anything did, else 0."""
    from ncco_lang.cli.deploy_session import check_keys, say, tell_keys
    from ncco_lang.cli.plan_text import render_drift
    from ncco_lang.deploy.deploy_run import running
    from ncco_lang.deploy.plan import find_drift
    from ncco_lang.deploy.plan_file import change_to_json
    from ncco_lang.deploy.reading import read_for

    check_keys(paths, keys)
    scope = frozenset(keys) or None
    with running(paths, changing=False, say=say) as run:
        provider_state = read_for(run, {}, scope, thorough=True)
        found = find_drift(run.state, provider_state, scope)
        number = sum(1 for key in run.state.applications if scope is None or key in scope)
        tell_keys(run, scope or run.state.applications.keys(), provider_state)
    if as_json:
        emit(
            json.dumps([change_to_json(change) for change in found], ensure_ascii=False, indent=2) + "\n", product=True
        )
    elif found:
        emit(render_drift(found, colour=wants_colour()))
        emit("ncco deploy puts it back\n", err=True)
    elif not number:
        emit(_NOTHING if scope is None else f"not deployed yet: {', '.join(keys)}\n")
    else:
        emit(f"no drift: {count_words(number, 'application')} as left\n")
    return 1 if found else 0


def show_history(paths: ProfilePaths, *, as_json: bool) -> None:
    """Print the versions, newest first."""
    from ncco_lang.cli.plan_text import render_history
    from ncco_lang.deploy.history import content_hash, release_of, releases_at
    from ncco_lang.deploy.state_file import read_state, release_to_json

    state = read_state(paths.state, paths.shown_state)
    now = content_hash({key: release_of(each) for key, each in state.applications.items()})
    if as_json:
        data = [
            {
                "hash": version.hash,
                "when": version.when,
                "is_current": version.hash == now,
                "applications": {
                    key: release_to_json(release) for key, release in releases_at(state.history, index).items()
                },
            }
            for index, version in reversed(list(enumerate(state.history)))
        ]
        emit(json.dumps(data, ensure_ascii=False, indent=2) + "\n", product=True)
    elif state.history:
        emit(render_history(state.history, now))
    else:
        emit(_NOTHING)
