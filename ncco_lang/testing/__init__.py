"""Run the tests of a flow: a phone that calls, and the runtime that answers it, in one process and without a network."""
