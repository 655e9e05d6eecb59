"""The command line: parse arguments, call the other packages, print results and set the exit code."""
