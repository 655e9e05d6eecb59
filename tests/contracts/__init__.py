"""The providers' published descriptions as contracts: what our clients send and our emulator answers is held to them.

The descriptions are other people's data, read where they lie beside the project; tests that need them skip, saying
so, where they are absent. Patches of ours (`patches.py`) correct what they get wrong.
"""

from tests.contracts.checking import check_answer, check_request
from tests.contracts.descriptions import contract_of, needs_descriptions, operations
from tests.contracts.mapping import published_url

__all__ = ["check_answer", "check_request", "contract_of", "needs_descriptions", "operations", "published_url"]
