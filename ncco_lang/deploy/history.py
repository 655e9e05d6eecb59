"""Keep versions of what was deployed, by content hash. Pure functions.

Each version keeps only its differences from the version before; the oldest keeps everything. Marks and ids do not
count, so the same content always has the same hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ncco_lang.deploy.desired import without_made_urls
from ncco_lang.deploy.fingerprint import digest
from ncco_lang.deploy.plan import version_of
from ncco_lang.deploy.state import Deployed, Release, State, Version
from ncco_lang.deploy.state_file import release_to_json

MOST = 50
"""The number of versions that are kept."""
_FEWEST_DIGITS = 4


def release_of(deployed: Deployed) -> Release:
    """Return what a version keeps of an application: all but its id, mark, keys, and the URLs that a deploy makes."""
    settings = replace(without_made_urls(deployed), public_key=None)
    return Release(
        settings=settings,
        document=deployed.document,
        bundle=version_of(deployed.served),
        numbers=deployed.numbers,
    )


def names_of(history: tuple[Version, ...]) -> Iterator[list[str]]:
    """Yield, for each version, the keys of the applications that it changed, and of those it removed with a minus sign.

    An application that was only made anew is not a change, although its document has a new name.
    """
    before: dict[str, Release] = {}
    for version in history:
        changed = {key: replace(each, document=_content_of(each)) for key, each in version.changed.items()}
        yield [
            *(key for key, each in changed.items() if before.get(key) != each),
            *(f"-{key}" for key in version.removed),
        ]
        before.update(changed)
        for key in version.removed:
            before.pop(key, None)


def _content_of(release: Release) -> str:
    """Return the name of a document without the folder of its application."""
    return release.document.partition("/")[2]


def content_hash(releases: Mapping[str, Release]) -> str:
    """Return 64 hex digits for a set of releases; a document counts by its content."""
    data = {}
    for key, release in releases.items():
        data[key] = release_to_json(replace(release, document=_content_of(release)))
    return digest(data)


def with_version(state: State, when: str) -> State:
    """Return the state with a version for what is deployed now; unchanged if the last version is equal.

    Args:
        when: ISO 8601, UTC.
    """
    now = {key: release_of(deployed) for key, deployed in sorted(state.applications.items())}
    hash = content_hash(now)
    history = state.history
    if (history and history[-1].hash == hash) or (not history and not now):
        return state
    before = releases_at(history, len(history) - 1)
    version = Version(
        hash=hash,
        when=when,
        changed={key: release for key, release in now.items() if before.get(key) != release},
        removed=tuple(sorted(before.keys() - now.keys())),
    )
    return replace(state, history=_shortened((*history, version)))


def _shortened(history: tuple[Version, ...]) -> tuple[Version, ...]:
    """Return the last versions, with everything in the oldest of them."""
    dropped = len(history) - MOST
    if dropped <= 0:
        return history
    oldest = replace(history[dropped], changed=releases_at(history, dropped), removed=())
    return (oldest, *history[dropped + 1 :])


def releases_at(history: tuple[Version, ...], index: int) -> dict[str, Release]:
    """Return everything that a version had, by key, sorted."""
    releases: dict[str, Release] = {}
    for version in history[: index + 1]:
        releases.update(version.changed)
        for key in version.removed:
            releases.pop(key, None)
    return dict(sorted(releases.items()))


def find_version(state: State, wanted: str | None) -> int:
    """Return the index of a version.

    Args:
        wanted: at least the first four digits of its hash, or of the version of a flow in it, which a plan shows; the
            last version with that flow counts. None is the target of an interrupted rollback, or else the
            version before the current one.

    Raises:
        LookupError: no version matches, or several do; the message says so.
    """
    history = state.history
    if not history:
        raise LookupError("nothing was deployed with this profile, so there is no version to go back to")
    if wanted is None and state.goal is not None:
        wanted = state.goal
    if wanted is None:
        now = content_hash({key: release_of(deployed) for key, deployed in state.applications.items()})
        for index in range(len(history) - 1, -1, -1):
            if history[index].hash != now:
                return index
        raise LookupError("there is no version before this one")
    wanted = wanted.lower()
    if len(wanted) < _FEWEST_DIGITS:
        raise LookupError(
            f'"{wanted}" is too short for a version: at least {_FEWEST_DIGITS} digits of its hash are wanted'
        )
    found = [index for index, version in enumerate(history) if version.hash.startswith(wanted)]
    if not found:
        return _with_flow(history, wanted)
    if len({history[index].hash for index in found}) > 1:
        raise LookupError(f'several versions begin with "{wanted}"; give more digits')
    return found[-1]


def _with_flow(history: tuple[Version, ...], wanted: str) -> int:
    """Return the index of the last version with a flow whose version begins with some digits."""
    found: dict[str, int] = {}
    for index in range(len(history)):
        for release in releases_at(history, index).values():
            if release.bundle is not None and release.bundle.startswith(wanted):
                found[release.bundle] = index
    if not found:
        raise LookupError(f'no version begins with "{wanted}"; ncco deploy --history shows them')
    if len(found) > 1:
        raise LookupError(f'several flows have a version that begins with "{wanted}"; give more digits')
    return next(iter(found.values()))
