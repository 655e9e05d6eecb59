"""Look for an application whose create got no response, with growing pauses, until it is found or the run must stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat

from ncco_lang.api.errors import ApiError, CannotList, Down, Limited, Unreachable
from ncco_lang.api.provider import Provider
from ncco_lang.api.response_times import iso, moment_of
from ncco_lang.api.types import Application
from ncco_lang.deploy.errors import NotConfirmed, Undecided
from ncco_lang.deploy.marks import has_mark, held_ids
from ncco_lang.deploy.state import Intent, State

NONE = "none"
"""The value of `--adopt` that says that the create made no application."""
AGE = 600.0
"""Seconds after which the search for a create is given up, by the provider's clock."""
_PAUSES = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0)
_LONGEST_PAUSE = 15.0
_PASSING = (Unreachable, Down, Limited)
"""Errors that a look may meet while the provider is in trouble, as it probably is if a create got no response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a run looks for an application.

    Attributes:
        say: receives each line of progress.
        sleep: waits for a number of seconds.
        patience: the shortest time to look, in seconds.
    """

    provider: Provider
    say: Callable[[str], None]
    sleep: Callable[[float], object]
    patience: float

    def look(self, intent: Intent, state: State) -> Application | None:
        """Return the application that a create made, if the provider lists it.

        If the provider lists two, either will do: the plan shows the other as a surplus.

        Raises:
            Undecided: the provider has no list.
            ApiError: the request failed.
        """
        held, mark = held_ids(state), intent.mark or ""
        try:
            listed = self.provider.list_applications()
            return next((each for each in listed if has_mark(each, mark) and each.id not in held), None)
        except CannotList as failed:
            raise Undecided(what_to_look_for(intent, state.profile)) from failed

    def keep_looking(self, intent: Intent, state: State) -> Application | None:
        """Look until the application is found; return None if its create is old enough to give up.

        Raises:
            NotConfirmed: it was not found in time.
            Undecided: the provider has no list.
        """
        name = intent.name or intent.key
        self.say(
            f'{intent.key}: it is not known whether the application "{name}" was created; looking for it for up to '
            f"{self.patience:.0f} s"
        )
        waited = 0.0
        try:
            for pause in pauses(self.patience):
                self.sleep(pause)
                waited += pause
                try:
                    found = self.look(intent, state)
                except _PASSING as failed:
                    self.say(f"{intent.key}: cannot look for it now ({failed})")
                    continue
                if found is not None:
                    self.say(f"{intent.key}: found {found.id}")
                    return found
                if self.is_old(intent):
                    return None
                self.say(f"{intent.key}: not listed after {waited:g} s")
        except KeyboardInterrupt:
            self.say(f"{intent.key}: not confirmed; the next run looks for it first, and creates no second one")
            raise
        except ApiError as failed:
            raise NotConfirmed(f"{_not_confirmed(intent)}: it cannot be looked for ({failed}). {_NEXT}") from failed
        raise NotConfirmed(
            f"{_not_confirmed(intent)}: the provider did not list it within {waited:.0f} s. {_NEXT}, "
            f"or at once with --adopt {NONE} when you know that there is none"
        )

    def dated(self, intent: Intent) -> Intent:
        """Return an intent with a usable date: now, if it has none or one in the future."""
        now = self.provider.server_time()
        then = _date_of(intent)
        return intent if now is None or (then is not None and then <= now) else replace(intent, date=iso(now))

    def is_old(self, intent: Intent) -> bool:
        """Return whether a create that is not found is given up. Only the provider's clock counts."""
        now, then = self.provider.server_time(), _date_of(intent)
        return now is not None and then is not None and now - then > AGE


def pauses(patience: float) -> Iterator[float]:
    """Yield the seconds to wait before each look, growing, until they add up to `patience`."""
    waited = 0.0
    for pause in chain(_PAUSES, repeat(_LONGEST_PAUSE)):
        if waited >= patience:
            return
        waited += pause
        yield pause


def what_to_look_for(intent: Intent, profile: str) -> str:
    """Return what the user has to do about an application that may exist, if the provider has no list."""
    how = f"--adopt ID --profile {profile}"
    return (
        f"{intent.key}: not confirmed: the create got no answer, and this provider has no list to look in. Look in its "
        f'portal for the application "{intent.name or intent.key}" whose answer URL holds {intent.mark}, then say "ncco '
        f'deploy {how}", or "ncco destroy {how}" where all is to go; {NONE} instead of ID when there is none'
    )


_NEXT = f"Run it again: it looks first, and creates it again {AGE / 60:.0f} minutes after it was asked for"


def _not_confirmed(intent: Intent) -> str:
    return f'{intent.key}: not confirmed whether the application "{intent.name or intent.key}" was created'


def _date_of(intent: Intent) -> float | None:
    return None if intent.date is None else moment_of(intent.date)
