"""Deploy flows: from settings, flows and state to a plan, and from a plan to what callers hear."""
