"""Serve flows: the runtime answers the webhooks of calls over HTTP.

`create_app` is the ASGI application for any server: `uvicorn --factory ncco_lang.serve:create_app`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette


def create_app() -> Starlette:
    """Return the application that serves the flows of the working folder's `ncco.toml`.

    The environment variables NCCO_PROFILE and NCCO_BASE_URL choose the profile and the base URL. Its log goes to the
    logger `ncco_lang.serve`. The processes of one machine may run it; they share its folder `.ncco/serve` with `ncco serve`.

    Raises:
        WorkspaceError: the settings, a flow, the key or the folder cannot be used.
    """
    import logging
    import os

    from ncco_lang.serve.app import make_app
    from ncco_lang.serve.applications import Sources
    from ncco_lang.serve.service import open_service
    from ncco_lang.workspace.projects import Choices

    profile, base_url = os.environ.get("NCCO_PROFILE"), os.environ.get("NCCO_BASE_URL")
    sources = Sources((), Choices(profile=profile or None, base_url=base_url or None))
    log = logging.getLogger(__name__)
    return make_app(open_service(sources, tell=log.info, warn=log.warning))
