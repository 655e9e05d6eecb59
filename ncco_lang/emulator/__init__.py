"""A provider on this machine: tokens, applications, numbers, calls and webhooks."""
