"""Tests of the commands as processes, with files, pipes and terminals."""
