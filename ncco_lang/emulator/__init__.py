"""Emulate a provider on this machine: tokens, applications, numbers, calls and webhooks."""
