"""The command line: `baoxue demo`, `key`, `intake`, `run`, `feedback`, `check`, `release`, `verify`."""

from __future__ import annotations

import datetime as dt
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from baoxue.policy import PolicyError
from baoxue.words import say

if TYPE_CHECKING:
    from baoxue.disclosure import Report

if TYPE_CHECKING:
    from baoxue.intake.account import Account

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="baoxue 保学: keep every child in compulsory school. 控辍保学监测、预警与劝返。",
)
_screen = Console()
_errors = Console(stderr=True)
_MOST_SHOWN = 40
"""Differences of two runs that are listed."""
_INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


class Size(StrEnum):
    """How many pupils a simulated county has: about 1,500, 12,000 or 150,000."""

    TINY = "tiny"
    SMALL = "small"
    COUNTY = "county"


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write: the county's drop folder, with truth/ in it.")],
    size: Annotated[Size, typer.Option(help="tiny: 1,500 pupils, small: 12,000, county: 150,000.")] = Size.SMALL,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.")] = 1,
    key: Annotated[Path | None, typer.Option(help="Write the pseudonym key of simulated counties here too.")] = None,
) -> None:
    """Write a simulated county's files, as a real one would hand them in."""
    from baoxue import demo as county
    from baoxue.run.telling import bars

    with bars(_screen) as shown:
        task = shown.add_task(_say("demo"), total=None)
        county.write(
            out, size=size.value, seed=seed, progress=lambda done, of: shown.update(task, completed=done, total=of)
        )
    if key is not None:
        key.touch(mode=0o600)
        key.write_bytes(_simulated_key())
    _screen.print(_say("demo_done", folder=out), highlight=False, markup=False, soft_wrap=True)


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
) -> None:
    """Make the key of a county, once: the pseudonyms of its children and the passwords of its lists follow from it."""
    from baoxue.intake.pseudonyms import write_key

    write_key(file)
    _screen.print(_say("key_made", file=file), highlight=False, markup=False, soft_wrap=True)


@app.command()
def intake(
    drop: Annotated[Path, typer.Argument(help="The folder a county handed in.")],
    store: Annotated[Path, typer.Option(help="The store to add it to; made if it is not there.")],
    key: Annotated[Path | None, typer.Option(help="File with the pseudonym key; else the variable BAOXUE_KEY.")] = None,
    arrived_on: Annotated[str, typer.Option(help="Day it was handed in, like 2024-12-02; today if left out.")] = "",
) -> None:
    """Read a drop folder into the store, and print what became of every row."""
    from baoxue.intake.pseudonyms import read_key
    from baoxue.run.telling import bars
    from baoxue.store import Store, take_in

    secret = _simulated_key() if _needs_no_key(drop, key) else read_key(key)
    day = _day(arrived_on) if arrived_on else dt.date.today()
    with bars(_screen) as shown:
        task = shown.add_task(_say("intake"), total=None)
        account = take_in(
            drop,
            Store(store),
            key=secret,
            arrived_on=day,
            progress=lambda name, rows, done, of: shown.update(task, description=name, completed=done, total=of),
        )
    _accounted(account, "intake_failed")


@app.command()
def run(
    params: Annotated[Path, typer.Argument(help="A params file, like params/month.yaml.")],
    override: Annotated[
        list[str] | None, typer.Option("-p", metavar="name=value", help="Use this value instead of the file's.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this notebook or unit, and what it reads; repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and do nothing.")] = False,
    resume: Annotated[bool, typer.Option("--continue", help="Take up a run that was broken off.")] = False,
) -> None:
    """Render a run: its reports, tables and lists, below outputs/. What has not changed is not made again."""
    from baoxue.run.delivery import deliver, prepare
    from baoxue.run.plan import plan
    from baoxue.run.telling import Show, steps

    asked = prepare(params, override or [])
    todo = plan(asked, only=only or [], resume=resume)
    if dry_run:
        steps(_screen, todo, _language())
        return
    try:
        with Show(_screen, todo.to_run, _language()) as show:
            delivery = deliver(asked, show, todo)
    except KeyboardInterrupt:
        _errors.print(_say("broken_off"), style="yellow")
        raise typer.Exit(_INTERRUPTED) from None
    if delivery.kept:
        _screen.print(_say("kept", count=delivery.kept), highlight=False)
    ran = {unit.name for unit in todo.to_run}
    for outcome in [outcome for outcome in delivery.outcomes if outcome.unit.name in ran]:
        made = f"reports/{outcome.unit.name}.html" if outcome.status == "finished" else outcome.last_line
        mark, style = ("✓", "green") if outcome.status == "finished" else ("✗", "red")
        _screen.print(
            f"{mark} {outcome.unit.title}  {made}", style=style, highlight=False, markup=False, soft_wrap=True
        )
    for file in delivery.refused:
        _screen.print(f"✗ {file}  {say('site.refused', _language())}", style="red", markup=False, soft_wrap=True)
    _screen.print(str(delivery.folder / "index.html"), highlight=False, markup=False, soft_wrap=True)
    if not delivery.is_complete:
        raise typer.Exit(1)


@app.command()
def feedback(
    files: Annotated[list[Path], typer.Argument(help="Lists that schools handed back: files, or their folders.")],
    store: Annotated[Path, typer.Option(help="The store to add the answers to.")],
    key: Annotated[Path | None, typer.Option(help="File with the pseudonym key; else the variable BAOXUE_KEY.")] = None,
    arrived_on: Annotated[str, typer.Option(help="Day they came in, like 2024-12-14; today if left out.")] = "",
) -> None:
    """Take schools' answers on their lists in, and say of each list what became of it.

    A list nobody has filled in yet is registered as handed out.
    """
    from baoxue.intake.pseudonyms import read_key
    from baoxue.run.telling import bars
    from baoxue.store import Store, take_answers_in

    day = _day(arrived_on) if arrived_on else dt.date.today()
    with bars(_screen) as shown:
        task = shown.add_task(_say("feedback"), total=None)
        account = take_answers_in(
            files,
            Store(store),
            key=read_key(key),
            arrived_on=day,
            progress=lambda name, rows, done, of: shown.update(task, description=name, completed=done, total=of),
        )
    _accounted(account, "feedback_failed")


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with everything below it.")],
    store: Annotated[
        Path | None, typer.Option(help="Look for the names of its children too; the opening is logged.")
    ] = None,
) -> None:
    """Look for identifiers, small counts and lost characters in what is about to leave."""
    from baoxue.run.leaving import look

    report = look(path, store)
    _show(report)
    if report.findings:
        _errors.print(_say("check_failed", count=len(report.findings)), style="red")
        raise typer.Exit(1)
    _screen.print(_say("check_passed"), style="green")


@app.command()
def release(
    folder: Annotated[Path, typer.Argument(help="The folder of a run, like outputs/month/2024-11-30.")],
    by: Annotated[str, typer.Option(help="Who signs it off.")],
    because: Annotated[str, typer.Option(help="Why numbers moved a lot since the period before.")] = "",
    store: Annotated[Path | None, typer.Option(help="Where the run's store is, if it was moved.")] = None,
) -> None:
    """Sign a run off if it passes the check, and write what each township and school is handed."""
    from baoxue.run.release import Refused, release
    from baoxue.run.soundness import HANDOVER

    try:
        signed = release(folder, by=by, because=because, store=store)
    except Refused as refused:
        _show(refused.report)
        raise
    _screen.print(_say("released", by=by, count=len(signed.packages), folder=signed.folder / HANDOVER), style="green")
    _screen.print(_say("handed", file=signed.record), highlight=False, markup=False, soft_wrap=True)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="The folder of a run, like outputs/month/2024-08-31.")],
    store: Annotated[Path | None, typer.Option(help="Where the run's store is, if it was moved.")] = None,
) -> None:
    """Make a run again from the store as it was then, and compare every number."""
    from baoxue.run.verify import shown, verify

    done = verify(folder, store=store)
    found = done.compared
    if found.differences:
        table = Table(*(_say(head) for head in ("check_file", "check_place", "verify_then", "verify_now")))
        for row in shown(found, _MOST_SHOWN):
            table.add_row(*(escape(text) for text in row))
        _screen.print(table)
    told = _say("verify_compared", files=found.files, numbers=found.numbers, other=len(found.other))
    _screen.print(told, highlight=False)
    if not done.is_same_code:
        _screen.print(_say("verify_other_code"), style="yellow")
    if not done.is_equal:
        _errors.print(_say("verify_differs", count=len(found.differences)), style="red")
        raise typer.Exit(1)
    _screen.print(_say("verify_equal"), style="green")


def _show(report: Report) -> None:
    """What a check looked at and what it found, as a table."""
    counts = {name: len(getattr(report, name)) for name in ("looked_at", "encrypted", "opaque")}
    if report.findings:
        table = Table(*(_say(f"check_{head}") for head in ("file", "place", "what", "masked")))
        for finding in report.findings:
            row = (finding.file, finding.place, _say(f"finding_{finding.kind}"), finding.masked)
            table.add_row(*(escape(text) for text in row))
        _screen.print(table)
    _screen.print(_say("check_looked", **counts), highlight=False)


def main() -> None:
    """Run a command. What a user can mend is said in one message; the exit code is 0 only if all went well."""
    from baoxue.disclosure import DisclosureError
    from baoxue.intake import IntakeError
    from baoxue.run.declared import NotebookError
    from baoxue.run.errors import RunError
    from baoxue.store import StoreError

    try:
        app()
    except (RunError, IntakeError) as error:
        _stop(error.say(_language()))
    except (PolicyError, NotebookError, StoreError, DisclosureError) as error:
        _stop(str(error))
    except OSError as error:
        if os.environ.get("BAOXUE_DEBUG"):
            raise
        _stop(_say("system", what=error.strerror or str(error), file=error.filename or "-"))


def _stop(message: str) -> None:
    _errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


def _language() -> str:
    from baoxue.run.telling import language

    return language()


def _accounted(account: Account, failed: str) -> None:
    """Say what became of every file; end with 1, and say so, if one could not be taken in."""
    _screen.print(account.text(_language()), highlight=False, markup=False, soft_wrap=True)
    if account.failed:
        _errors.print(_say(failed), style="red")
        raise typer.Exit(1)


def _say(key: str, **values: object) -> str:
    return say(f"run.cli_{key}", _language(), **values)


def _needs_no_key(drop: Path, key: Path | None) -> bool:
    """Whether no key is given and the drop itself says that it is a simulated county's, where nobody is real."""
    from baoxue.demo import MARK, README
    from baoxue.intake.pseudonyms import KEY_VARIABLE

    mark = drop / MARK
    return key is None and not os.environ.get(KEY_VARIABLE) and mark.is_file() and mark.read_text("utf-8") == README


def _simulated_key() -> bytes:
    """The one key of all simulated counties, in characters that survive a text editor."""
    from baoxue.demo import key

    return key(0).hex().encode()


def _day(text: str) -> dt.date:
    from baoxue.run.errors import RunError

    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise RunError("not_a_date", name="--arrived-on", value=text) from error


if __name__ == "__main__":
    main()
