from tests.kill_ingest import kill_rounds


def test_twenty_kills_lose_nothing_that_was_reported() -> None:
    tally = kill_rounds(rounds=20, photos=50, seed=1)
    assert tally.rounds == 20 and tally.kills >= 10 and tally.survived > 0
