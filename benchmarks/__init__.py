"""How fast ncco-lang is, beside other tools: `make bench`, explained in docs/benchmarks.md."""
