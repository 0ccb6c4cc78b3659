"""Reading Pabulib files: projects with their costs, voters with the projects they approve.

Format: http://pabulib.org/format. A project is written once, a voter once; costs are whole euros.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What each section has to say; more is allowed.
NEEDED = {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}


class NotBallots(ValueError):
    """The file is not a Pabulib file with approvals. `line` is where it goes wrong, from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


@dataclass(frozen=True)
class Project:
    """`cost_cents`: int, > 0."""

    project_id: str
    name: str
    cost_cents: int


@dataclass(frozen=True)
class Ballots:
    """`approvals`: voter -> ids of the projects approved, in the order of the ballot; voters in the order of the file."""

    description: str
    budget_cents: int
    projects: dict[str, Project]
    approvals: dict[str, tuple[str, ...]]


def read(path: Path) -> Ballots:
    """Raises NotBallots."""
    meta: dict[str, str] = {}
    projects: dict[str, Project] = {}
    approvals: dict[str, tuple[str, ...]] = {}
    for number, section, row in _rows(path):
        if section == "META":
            meta[row["key"]] = row["value"]
        elif section == "PROJECTS":
            name = row.get("name") or row["project_id"]
            projects[row["project_id"]] = Project(row["project_id"], name, _cents(row["cost"], number))
        else:
            approvals[row["voter_id"]] = _approved(row["vote"], projects, number)
    if meta.get("vote_type") != "approval":
        raise NotBallots(1, f"votes of type {meta.get('vote_type')}, not approvals")
    if not projects or not approvals:
        raise NotBallots(1, "no projects or no voters")
    budget_cents = _cents(meta.get("budget", ""), 1)
    if budget_cents < len(approvals):
        raise NotBallots(1, f"{budget_cents} cents for {len(approvals)} voters")
    return Ballots(meta.get("description", path.stem), budget_cents, projects, approvals)


def _rows(path: Path) -> Iterator[tuple[int, str, dict[str, str]]]:
    section = ""
    header: list[str] = []
    for number, cells in _lines(path):
        if len(cells) == 1 and cells[0] in NEEDED:
            section, header = cells[0], []
        elif not section:
            raise NotBallots(number, "no section")
        elif not header:
            header = cells
        else:
            row = dict(zip(header, cells, strict=False))
            for name in NEEDED[section]:
                if name not in row:
                    raise NotBallots(number, f"no {name}")
            yield number, section, row


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text, delimiter=";")
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise NotBallots(reader.line_num, str(error)) from error


def _cents(text: str, line: int) -> int:
    try:
        euros = int(text)
    except ValueError as error:
        raise NotBallots(line, f"{text!r} is no amount in whole euros") from error
    if euros <= 0:
        raise NotBallots(line, f"{euros} is not above zero")
    return euros * 100


def _approved(text: str, projects: dict[str, Project], line: int) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(found for found in text.split(",") if found))
    for project_id in ids:
        if project_id not in projects:
            raise NotBallots(line, f"unknown project {project_id}")
    return ids
