"""Sealed ballots."""

import pytest

from openslides_backend.embedded.vote.sealing import CannotOpen, Sealer

TOKEN, ID = b"t" * 16, b"i" * 16
TEXT = '{"value":{"11":"Y"},"weight":"1.000000"}'


def test_only_the_same_key_round_and_ballot_open() -> None:
    seal = Sealer("key").seal(TOKEN)
    closed = seal.close(ID, TEXT, 64)
    assert Sealer("key").seal(TOKEN).open(ID, closed) == TEXT
    for other in (Sealer("kez").seal(TOKEN), Sealer("key").seal(b"u" * 16)):
        assert not seal.fits(other.check)
        with pytest.raises(CannotOpen):
            other.open(ID, closed)
    for id_, sealed in ((b"j" * 16, closed), (ID, closed[:-1]), (ID, b""), (ID, closed[:40] + b"x" + closed[41:])):
        with pytest.raises(CannotOpen):
            seal.open(id_, sealed)


def test_equal_ballots_look_different_and_all_have_the_same_length() -> None:
    seal = Sealer("key").seal(TOKEN)
    closed = [seal.close(ID, text, 128) for text in (TEXT, TEXT, '"Y"', "x" * 100)]
    assert len(set(closed)) == 4
    assert len({len(sealed) for sealed in closed}) == 1
    assert all(seal.open(ID, sealed) for sealed in closed)


def test_what_does_not_fit_is_padded_to_the_next_multiple() -> None:
    seal = Sealer("key").seal(TOKEN)
    lengths = {len(seal.close(ID, "x" * count, 64)) for count in (61, 90, 124)}
    assert len(lengths) == 1
    assert seal.open(ID, seal.close(ID, "é" * 1000, 64)) == "é" * 1000
