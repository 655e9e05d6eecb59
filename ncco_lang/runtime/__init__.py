"""Webhooks → the engine → their answers, without input and output: time, random bytes and the store are passed in."""
