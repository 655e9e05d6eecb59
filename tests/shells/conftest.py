"""Fixtures of all tests of commands: a folder in which to run `ncco`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ncco_lang.tokens.keys import BITS, KeyPair, make_key_pair
from tests.shells.shell import Shell, powerless


@pytest.fixture(scope="session", autouse=True)
def few_keys() -> Iterator[None]:
    """Give applications six RSA keys in turn: to make a key and to check it when it is read takes as long as a deploy."""
    make, made, lock = rsa.generate_private_key, list[rsa.RSAPrivateKey](), threading.Lock()

    def next_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        if key_size != BITS:
            return make(public_exponent, key_size)  # the fixture lasts longer than the tests of this folder
        with lock:
            made.append(made[-6] if len(made) >= 6 else make(public_exponent, key_size))
            return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rsa, "generate_private_key", next_key)
        yield


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    """The keys of applications at the emulator."""
    return make_key_pair()


@pytest.fixture
def ncco(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder."""
    return Shell(tmp_path)


@pytest.fixture
def user(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder, run by a user who may not read and write every file."""
    return Shell(tmp_path, powerless())
