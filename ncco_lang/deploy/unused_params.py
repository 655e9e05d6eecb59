"""Report params in `ncco.toml` that no flow declares: they would have no effect, and the author would not notice."""

from __future__ import annotations

from dataclasses import replace

from ncco_lang.checker import levelled
from ncco_lang.deploy.documents import CompiledFlows
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project.config import Config, discreet
from ncco_lang.project.targets import Target
from ncco_lang.workspace.applications import unknown_params


def held_against_flows(compiled: CompiledFlows, config: Config, target: Target) -> CompiledFlows:
    """Return what was compiled, with findings for values of params that are not declared.

    An application's params are for its flow alone, so one that the flow lacks is an error, and the application gets no
    document. The profile's params are for all flows, so one is reported only if all applications are compiled and no
    flow
    has it, and as a warning: other flows of the project may be compiled with the profile too.

    Args:
        config: says which findings are reported.
    """
    found: list[Diagnostic] = []
    refused: set[str] = set()
    # It is not known for certain what a flow with errors declares.
    for key in compiled.keys:
        application = target.applications[key]
        known, there = compiled.params[application.flow], f"{application.flow} has no"
        wrong = levelled(
            unknown_params(target.profile.source, application.params, known, there, "error"), config.severity
        )
        found += wrong
        refused |= {key for each in wrong if each.severity == "error"}
    if set(compiled.keys) == target.applications.keys():
        known = tuple(dict.fromkeys(name for names in compiled.params.values() for name in names))
        there = f'no flow of profile "{target.profile.name}" has a'
        wrong = levelled(
            unknown_params(target.profile.source, target.profile.params, known, there, "warning"), config.severity
        )
        found += wrong
        refused |= {key for each in wrong if each.severity == "error" for key in compiled.keys}
    if not found:
        return compiled
    documents = {key: document for key, document in compiled.documents.items() if key not in refused}
    bundles = {key: bundle for key, bundle in compiled.bundles.items() if key not in refused}
    return replace(
        compiled,
        documents=documents,
        bundles=bundles,
        findings=(*compiled.findings, tuple(discreet(target.profile.source, found))),
    )
