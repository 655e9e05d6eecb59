"""The command line: the only room that reads files, prints and leaves with an exit code."""
