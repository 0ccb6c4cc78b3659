"""Reading Pabulib files, and refusing with the line what is none."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from demo import ballots

KERMIS = """META
key;value
description;Kermis
budget;10
vote_type;approval
PROJECTS
project_id;cost;votes;name
a;4;2;Draaimolen
b;5;2;Botsauto's; met muziek
VOTES
voter_id;age;vote
els;31;a,b
bas;;b,a
roos;8;
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "kermis.pb"
    file.write_text(text, encoding="utf-8")
    return file


def test_projects_and_ballots_are_read_in_their_order(tmp_path: Path) -> None:
    read = ballots.read(written(tmp_path, KERMIS))
    assert (read.description, read.budget_cents) == ("Kermis", 1_000)
    assert read.projects == {
        "a": ballots.Project("a", "Draaimolen", 400),
        "b": ballots.Project("b", "Botsauto's", 500),
    }
    assert list(read.approvals.items()) == [("els", ("a", "b")), ("bas", ("b", "a")), ("roos", ())]


def test_a_project_without_a_name_is_called_by_its_number_and_approved_once(tmp_path: Path) -> None:
    text = (
        KERMIS.replace(";votes;name", "")
        .replace(";2;Draaimolen", "")
        .replace(";2;Botsauto's; met muziek", "")
    )
    read = ballots.read(written(tmp_path, text.replace("a,b", "a,b,a")))
    assert read.projects["a"].name == "a"
    assert read.approvals["els"] == ("a", "b")


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (KERMIS, "", 1),
        (KERMIS, "Beste lezer,\n", 1),
        ("a;4;2", "a;vier;2", 8),
        ("a;4;2", "a;0;2", 8),
        ("a;4;2", "a;-4;2", 8),
        ("a;4;2", "a;4.50;2", 8),
        ("a;4;2;Draaimolen", "a", 8),
        ("project_id;cost", "project_id;price", 8),
        ("els;31;a,b", "els;31;a,c", 12),
        ("els;31;a,b", "els", 12),
        ("voter_id;age;vote", "voter_id;age;points", 12),
        ("key;value", "sleutel;waarde", 3),
        ("vote_type;approval", "vote_type;ordinal", 1),
        ("vote_type;approval\n", "", 1),
        ("budget;10", "budget;veel", 1),
        ("budget;10\n", "", 1),
        ("VOTES\nvoter_id;age;vote\nels;31;a,b\nbas;;b,a\nroos;8;\n", "", 1),
        ("Kermis", "K" * 200_000, 3),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, before: str, after: str, line: int) -> None:
    file = written(tmp_path, KERMIS.replace(before, after))
    with pytest.raises(ballots.NotBallots) as refusal:
        ballots.read(file)
    assert refusal.value.line == line
    with pytest.raises(CommandError, match=f"kermis.pb: line {line}: "):
        call_command("replay_ballots", file)


def test_a_budget_of_less_than_a_cent_for_each_voter_makes_no_cheques(tmp_path: Path) -> None:
    votes = "".join(f"voter{number};;a\n" for number in range(1_001))
    with pytest.raises(ballots.NotBallots):
        ballots.read(written(tmp_path, KERMIS + votes))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00rubbish", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_text_and_what_is_not_there_are_refused_by_the_command(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "picture.pb"
    file.write_bytes(content)
    for wrong in (file, tmp_path / "nowhere.pb", tmp_path):
        with pytest.raises(CommandError, match=str(wrong)):
            call_command("replay_ballots", wrong)
