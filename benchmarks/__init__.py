"""Measure how fast ncco-lang is, compared with other tools: `make bench`, explained in docs/benchmarks.md."""
