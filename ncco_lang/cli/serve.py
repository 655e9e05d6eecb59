"""`ncco serve`: answer the webhooks of calls until Ctrl-C."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from ncco_lang.cli.console import Refused, complain, emit, emit_findings
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.render import visible
from ncco_lang.cli.signals import ended_by_signal

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.project.params import Given
    from ncco_lang.serve.server import Config
    from ncco_lang.serve.service import ServeSettings, Service

_EVERYWHERE = ("0.0.0.0", "::")


@click.command(
    epilog="""\b
Examples:
  ncco serve                                        all applications of the profile
  ncco serve menu.flow --reload                     one flow, loaded again after each edit
  ncco serve build/ --base-url https://calls.example.com --behind-proxy --host 0.0.0.0
  ncco serve --workers 4                            by four processes
  ncco serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem

The key, the call store and the versions of flows are in .ncco/serve, beside ncco.toml. [serve] of ncco.toml has more
settings. On another machine, give the server the same key: key = "env:NCCO_SERVE_KEY".

Exit codes: 0 ended by SIGTERM or SIGHUP, 2 wrong usage, a flow with errors, or a port, key or folder that cannot be used, 130 Ctrl-C.
"""
)
@click.argument("operands", nargs=-1, type=PATH, metavar="[FILE.flow|BUNDLE]…")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one. Default: that of [serve], else 4590.",
)
@choosing
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Answer by so many processes; one that ends or hangs is replaced.",
)
@click.option("--reload", "reloads", is_flag=True, help="Load flows again after an edit.")
@click.option("--behind-proxy", is_flag=True, help="A proxy with TLS is in front, so --host may be any.")
@click.option("--tls-cert", type=PATH, metavar="FILE", help="Serve https with this certificate (PEM).")
@click.option("--tls-key", type=PATH, metavar="FILE", help="The key of the certificate (PEM).")
@click.option("-q", "--quiet", is_flag=True, help="Print problems only, not events.")
@click.pass_context
def command(
    ctx: click.Context,
    operands: tuple[str, ...],
    host: str,
    port: int | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    workers: int,
    reloads: bool,
    behind_proxy: bool,
    tls_cert: str | None,
    tls_key: str | None,
    quiet: bool,
) -> None:
    """Answer the webhooks of calls: of the flows or bundles, else of all applications of the profile.

    A call goes on after a restart and after an edit, with the version of the flow that it began with.
    """
    _check_tls(ctx, host, tls_cert, tls_key, behind_proxy=behind_proxy)
    if workers > 1 and not hasattr(os, "fork"):
        raise Refused("this system cannot fork processes, so ncco serve has one", "Leave --workers out.")
    from ncco_lang.serve.app import make_app
    from ncco_lang.serve.applications import Sources
    from ncco_lang.serve.server import configure
    from ncco_lang.serve.service import FlowErrors, open_service, read_settings
    from ncco_lang.workspace.listening import listen
    from ncco_lang.workspace.projects import Choices

    sources = Sources(operands, Choices(profile=profile, params=params, base_url=base_url))
    settings = read_settings(sources, complain)
    with ended_by_signal(), listen(host, settings.port if port is None else port) as listener:
        here = _here(host, listener.getsockname()[1], is_secure=tls_cert is not None)
        chosen = _base_url(settings, base_url, here, has_port=port is not None)
        sources = sources._replace(choices=sources.choices._replace(base_url=chosen))
        try:
            tell = _ignore if quiet else _tell
            service = open_service(sources, settings=settings, tell=tell, warn=_tell, report=_report)
        except FlowErrors as failed:
            raise Refused(str(failed)) from None
        app = make_app(service, reloads=reloads)
        try:
            config = configure(app, request_seconds=settings.request_seconds, certificate=tls_cert, key=tls_key)
        except OSError as failed:
            raise Refused(f"cannot serve with these files of TLS: {failed}") from failed
        _serve(service, config, listener, workers, lambda: emit(_addresses(service, here)))


def _serve(
    service: Service, config: Config, listener: socket.socket, workers: int, started: Callable[[], None]
) -> None:
    """Serve until a signal, in this process or in workers."""
    from ncco_lang.serve.server import Lines, serve

    if workers == 1:
        serve(config, listener, started=started)
        return
    from ncco_lang.serve.workers import Workers

    def work(lines: Lines) -> None:
        service.reopen()
        service.tells_of_reloads = lines.is_first
        serve(config, listener, started=lambda: None, lines=lines)

    # A connection to SQLite does not survive a fork.
    service.close()
    Workers(workers, listener, work, started=started, warn=service.warn).run()


def _check_tls(ctx: click.Context, host: str, certificate: str | None, key: str | None, *, behind_proxy: bool) -> None:
    """Raise an error if webhooks would come from outside without TLS."""
    from ncco_lang.workspace.listening import LOOPBACK

    if (certificate is None) != (key is None):
        raise click.UsageError("--tls-cert and --tls-key go together", ctx)
    if host not in LOOPBACK and certificate is None and not behind_proxy:
        raise Refused(
            f"{visible(host)} can be reached from outside, so webhooks need TLS",
            "Give --tls-cert and --tls-key, or --behind-proxy where a proxy has the certificate.",
        )


def _tell(line: str) -> None:
    """Print a line of the log; a failed write does not end the server."""
    try:
        emit(f"{time.strftime('%H:%M:%S')} {visible(line)}\n", err=True)
    except Refused:
        pass


def _ignore(_: str) -> None:
    pass


def _report(findings: Sequence[Diagnostic]) -> None:
    emit_findings(findings, err=True)


def _here(host: str, port: int, *, is_secure: bool) -> str:
    """Return the address of the server on this machine."""
    name = "127.0.0.1" if host in (*_EVERYWHERE, "localhost") else host
    return f"{'https' if is_secure else 'http'}://{f'[{name}]' if ':' in name else name}:{port}"


def _base_url(settings: ServeSettings, given: str | None, here: str, *, has_port: bool) -> str:
    """Return where the platform reaches the server: as the user or the profile says, else on this machine."""
    of_profile = None if settings.profile is None else settings.profile.base_url
    if given is None and of_profile is not None and has_port and _is_local(of_profile):
        return here
    return given or of_profile or here


def _is_local(url: str) -> bool:
    from ncco_lang.workspace.listening import LOOPBACK

    return urlsplit(url).hostname in LOOPBACK


def _addresses(service: Service, here: str) -> str:
    """Return the webhooks of the applications and, if only this machine reaches them, how others can."""
    from ncco_lang.serve.addresses import webhook_urls

    applications = service.applications
    what = "1 application" if len(applications) == 1 else f"{len(applications)} applications"
    lines = [f"serving {what} at {here}"]
    for application, _ in applications:
        urls = webhook_urls(service.base_url, service.keys[0], application.key)
        lines += [f"  {application.key}", f"    answer: {urls.answer}", f"    event:  {urls.event}"]
    if _is_local(service.base_url):
        port = here.rpartition(":")[2]
        lines += [
            "Only this machine reaches these addresses. For a provider, open a tunnel, for example one of",
            f"  cloudflared tunnel --url {here}",
            f"  ngrok http {port}",
            f"  ssh -R 80:localhost:{port} nokey@localhost.run",
            "and start again with the address that it shows: ncco serve --base-url https://…",
        ]
    return "\n".join(lines) + "\n"
