"""Files and the environment, for the command line and for programs that use the library.

Finds the files and the `ncco.toml` that a job is about, reads and writes them, and hands plain values to the compiler
and the checker. Everything that goes wrong outside is a `WorkspaceError`; nothing here prints.
"""
