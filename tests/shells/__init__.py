"""The real thing: the commands as processes, with files, pipes and terminals."""
