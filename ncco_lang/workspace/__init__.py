"""Access to files and the environment, for the command line and for programs that use the library.

Finds the files and the `ncco.toml` of a run, reads and writes them, and passes plain values to the compiler and the
checker. Every failure of the file system or the environment is a `WorkspaceError`; nothing here prints.
"""
