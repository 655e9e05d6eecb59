"""ncco-lang: a call-flow language, its compiler, and a checker for NCCO.

Public names are listed here and loaded when first used, so that `import ncco_lang` is fast. The clients of the
providers' APIs (`VonageClient`, `KpnClient`) take and return the classes of `ncco_lang.api.types`.
`ncco_lang.api.provider.Provider` describes their methods, `ncco_lang.api.errors` their errors, and `ncco_lang.api` has
an example.

    >>> from ncco_lang import compile_text, validate
    >>> compile_text('talk "Hello."').ncco
    [{'action': 'talk', 'text': 'Hello.'}]
    >>> [finding.rule.name for finding in validate('[{"action": "tlak"}]')]
    ['unknown-action']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ncco_lang.api.errors import ApiError
    from ncco_lang.api.kpn import KpnClient
    from ncco_lang.api.vonage import VonageClient
    from ncco_lang.bundler import Bundled
    from ncco_lang.checker import CheckOptions, fix, validate, validate_value
    from ncco_lang.cli.render import render_text
    from ncco_lang.compiler import Compiled, CompileOptions, check, compile_text
    from ncco_lang.decompiler import Decompiled, decompile, decompile_source
    from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Label, Place, Problem, Repair, Rule, Severity
    from ncco_lang.fixes import Fixed
    from ncco_lang.formatter import Formatted, format_text
    from ncco_lang.project.params import Given
    from ncco_lang.simulate.player import Played, play
    from ncco_lang.source import Position, Source, Span
    from ncco_lang.vocabulary.ncco_schema import is_valid
    from ncco_lang.workspace.errors import InputError, OutputError, SettingsError, WorkspaceError
    from ncco_lang.workspace.flows import check_file, compile_file

_HOMES = {
    "ApiError": "api.errors",
    "KpnClient": "api.kpn",
    "VonageClient": "api.vonage",
    "validate": "checker",
    "validate_value": "checker",
    "fix": "checker",
    "is_valid": "vocabulary.ncco_schema",
    "render_text": "cli.render",
    "CheckOptions": "checker",
    "Bundled": "bundler",
    "Compiled": "compiler",
    "CompileOptions": "compiler",
    "Document": "product",
    "check": "compiler",
    "compile_text": "compiler",
    "Decompiled": "decompiler",
    "decompile": "decompiler",
    "decompile_source": "decompiler",
    "Formatted": "formatter",
    "format_text": "formatter",
    "Given": "project.params",
    "InputError": "workspace.errors",
    "OutputError": "workspace.errors",
    "SettingsError": "workspace.errors",
    "WorkspaceError": "workspace.errors",
    "check_file": "workspace.flows",
    "compile_file": "workspace.flows",
    "Diagnostic": "diagnostics",
    "Edit": "diagnostics",
    "Facts": "diagnostics",
    "Fix": "diagnostics",
    "Label": "diagnostics",
    "Place": "diagnostics",
    "Problem": "diagnostics",
    "Repair": "diagnostics",
    "Rule": "diagnostics",
    "Severity": "diagnostics",
    "Fixed": "fixes",
    "Played": "simulate.player",
    "play": "simulate.player",
    "Position": "source",
    "Source": "source",
    "Span": "source",
}

__all__ = [
    "ApiError",
    "Bundled",
    "CheckOptions",
    "CompileOptions",
    "Compiled",
    "Decompiled",
    "Diagnostic",
    "Document",
    "Edit",
    "Facts",
    "Fix",
    "Fixed",
    "Formatted",
    "Given",
    "InputError",
    "KpnClient",
    "Label",
    "OutputError",
    "Place",
    "Played",
    "Position",
    "Problem",
    "Repair",
    "Rule",
    "SettingsError",
    "Severity",
    "Source",
    "Span",
    "VonageClient",
    "WorkspaceError",
    "check",
    "check_file",
    "compile_file",
    "compile_text",
    "decompile",
    "decompile_source",
    "fix",
    "format_text",
    "is_valid",
    "play",
    "render_text",
    "validate",
    "validate_value",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ncco_lang' has no attribute {name!r}")
    return getattr(import_module(f"ncco_lang.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
