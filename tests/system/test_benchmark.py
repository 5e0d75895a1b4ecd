"""The benchmark runs, and tells all that it should."""

import re

import pytest

from dev.benchmark import main
from dev.stack import Stack

SCENARIOS = (
    "tag.create, 1 client",
    "tag.create, 8 clients",
    "topic.create, 1 client",
    "topic.create, 8 clients",
    "topic.create with 10 elements",
    "topic.create in a meeting with 1 topics",
    "topic.create, 5 clients at once",
    "speaker.create, 5 people at once",
    "user.create with 10 elements, no passwords",
    "user.create with 2 elements and passwords",
    "meeting.create",
    "motion_category.number_motions, 10 motions",
    "number_of_users, 1 client",
    "server_time, 8 clients",
    "motion.create, 1 client",
    "motion.create, 8 clients",
    "motion.create with 10 elements",
    "motion.create with 10,000 bytes of HTML",
    "motion.create in a meeting with 10 motions",
    "motion.set_state with 10 elements",
    "motion.set_state, 5 clients at once",
    "motion.sort of 20 motions",
    "motion.create_forwarded of 10 motions",
    "user.merge_together, 3 in 2 meetings",
    *(
        f"participant.{step}, {people}"
        for people in ("10 new", "10 changed", "10 unchanged", "2 with passwords")
        for step in ("json_upload", "import")
    ),
    *(
        f"committee.{step}, {committees}"
        for committees in ("10 new", "10 changed", "10 unchanged", "2 with meetings")
        for step in ("json_upload", "import")
    ),
    "account.json_upload, 10 changed",
    "account.import, 10 changed",
)
WITHOUT_CALLS = ("server_time", "participant.", "account.", "committee.")
"""Scenarios that ask nothing of the datastore, or whose calls aren't told."""
BALLOTS = (
    "40 ballots in 1 s",
    "  with 100 questions who has voted a second",
    "40 ballots as fast as possible",
    "60 ballots as fast as possible",
)


def test_quick_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick"]) == 0
    output = capsys.readouterr().out
    for scenario in SCENARIOS:
        line = re.search(rf"^{re.escape(scenario)} +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +0$", output, re.MULTILINE)
        assert line, f"{scenario}\n{output}"
        rate, p50, p95, calls = map(float, line.groups())
        assert rate > 0
        assert 0 < p50 <= p95
        assert calls == 0 if scenario.startswith(WITHOUT_CALLS) else calls >= 1
    assert re.search(r"^  topics and distinct numbers +10, 10$", output, re.MULTILINE)
    assert re.search(r"^  speakers and distinct places +5, 5$", output, re.MULTILINE)
    assert re.findall(r"^  motions and distinct numbers +(.*)$", output, re.MULTILINE) == ["10, 10", "5, 5"]
    assert re.search(r"^  votes that are still there +2$", output, re.MULTILINE)
    assert re.findall(r"^  rows imported +(.*)$", output, re.MULTILINE) == [*["10"] * 4, "2", *["10"] * 3, "2"]
    files = re.findall(r"^(mediafile.upload|download) of (\S+) MB.* 0$", output, re.MULTILINE)
    assert files == [(what, size) for size in ("0.01", "1") for what in ("mediafile.upload", "download")]
    assert len(re.findall(r"^  memory at the highest.* action \d+ MiB .* media \d+ MiB", output, re.MULTILINE)) == 2
    assert len(re.findall(r"^  throughput +[\d.]+ MB/s$", output, re.MULTILINE)) == 2
    for scenario in BALLOTS:
        assert re.search(rf"^{re.escape(scenario)} +[\d.]+ +[\d.]+ +[\d.]+ +0.0 +0$", output, re.MULTILINE), output
    travels = re.findall(r"^(\S+) of 20 motions.* [\d.]+ s$", output, re.MULTILINE)
    assert travels == ["meeting.import", "meeting.clone", "export_meeting", "meeting.import"]
    assert re.search(r"^  poll.stop +\d+ ms$", output, re.MULTILINE), output
    assert re.search(r"^From start to healthy, all services: \d", output, re.MULTILINE)
    assert len(re.findall(r"^PSS in MiB, .* action and presenter [1-9]", output, re.MULTILINE)) == 2


@pytest.mark.postgres
def test_other_peoples_data_are_left_alone(postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    variables = {"DATASTORE_DATABASE_URL": postgres_url, "OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}
    with Stack(variables):
        pass
    assert main(["--quick", "--database", postgres_url]) == 1
    assert "must be empty" in capsys.readouterr().err
