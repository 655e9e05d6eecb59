"""Contract tests: check what our clients send and our emulator answers against the providers' published descriptions.

The descriptions are third-party files beside the project; tests that need them are skipped with a message if they are
absent. Our patches (`patches.py`) correct their errors.
"""

from tests.contracts.checking import check_answer, check_request
from tests.contracts.descriptions import contract_of, needs_descriptions, operations
from tests.contracts.mapping import published_url

__all__ = ["check_answer", "check_request", "contract_of", "needs_descriptions", "operations", "published_url"]
