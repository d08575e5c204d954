"""The command line: `tasktrail COMMAND`."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import uvloop

from events.refusals import Refusal
from gateway.bootstrap.processes import CommandFailed, serve, up, work_until_stopped
from infra.embedded.folder import CannotStart
from infra.embedded.stack import announced, with_found
from infra.settings import DIALECTS, BadSettings, Settings

if TYPE_CHECKING:
    from gateway.bootstrap.status import Status

# Each command loads what it needs. This module is what every process of ours waits for first when
# it starts again, and the libraries of all the other commands would take most of a second.

_ABOUT = "A task backend in which every change is on the record."

Run = Callable[[Settings, argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> None:
    """Exit code 0 when it did what was asked, 1 when it could not, 2 for a wrong call."""
    arguments = parser().parse_args(argv)
    try:
        from_env = joined if arguments.joins else Settings.from_env
        arguments.run(from_env(os.environ), arguments)
    except BrokenPipeError:
        # Whoever read our output has what they wanted, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BadSettings as error:
        _fail(error.problems, code=2)
    except (CannotStart, CommandFailed, Refusal, OSError) as error:
        _fail((str(error) or type(error).__name__).splitlines(), code=1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tasktrail", description=_ABOUT)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run, joins=name != "up")
        return added

    command("up", _up, "run everything: embedded servers where no URL is set, API and worker")
    command("serve", _serve, "run the HTTP API and the live stream")
    command("work", _work, "run the relay, the projectors and the policies")
    rebuilding = command("rebuild", _rebuild, "build read models anew while the old ones serve")
    rebuilding.add_argument("projection", nargs="*", help="all of them if none is named")
    shown = command("status", _status, "show how far each part has got")
    shown.add_argument("--json", action="store_true", help="print JSON")
    variables = command("env", _env, "print the settings that reach the system running here")
    variables.add_argument("name", nargs="?", help="only the value of this one")
    command("verify", _verify, "check the log's digests, its invariants and every read model")
    letters = command(
        "dead-letters", _dead_letters, "list what projectors and mail servers did not take"
    )
    _add_letters_arguments(letters)
    _add_replay_arguments(command("replay", _replay, "print events as CloudEvents, a line each"))
    for name, run, what in (
        ("disable", _disable, "end somebody's sessions and keep them out"),
        ("enable", _enable, "let somebody in again who was disabled or deactivated"),
    ):
        command(name, run, what).add_argument("login", help="their e-mail or username")
    _add_export_arguments(
        command("export", _export, "write tasks into a file: xlsx, csv, parquet or ndjson")
    )
    importing = command("import", _import, "move an older system's accounts and data in")
    _add_import_arguments(importing)
    return parser


def _add_letters_arguments(letters: argparse.ArgumentParser) -> None:
    letters.add_argument(
        "--replay",
        nargs=2,
        metavar=("PROJECTION", "STREAM"),
        help="try again; for mails: mail ACCOUNT",
    )
    letters.add_argument("--json", action="store_true", help="print JSON, a line each")


def _add_replay_arguments(printed: argparse.ArgumentParser) -> None:
    for name, default, told in (("--after", 0, "the beginning"), ("--up-to", None, "the head")):
        printed.add_argument(
            name, type=position, default=default, metavar="POSITION", help=f"{told}, if not given"
        )
    printed.add_argument("--stream", type=UUID, metavar="ID", help="of this stream only")


def _add_export_arguments(exporting: argparse.ArgumentParser) -> None:
    exporting.add_argument("file", type=Path, help="its ending says which format")
    exporting.add_argument(
        "--workspace", type=UUID, action="append", metavar="ID", help="of this one; may be repeated"
    )
    exporting.add_argument("--history", action="store_true", help="also what happened (xlsx only)")
    nouns = ("task", "note", "post")
    exporting.add_argument("--noun", choices=nouns, default="task", help="instead of tasks")


def _add_import_arguments(importing: argparse.ArgumentParser) -> None:
    importing.add_argument("system", choices=sorted(DIALECTS))
    importing.add_argument("--from", dest="url", required=True, metavar="URL", help="its database")
    importing.add_argument("--files", type=Path, metavar="FOLDER", help="where its files lie")
    importing.add_argument("--dry-run", action="store_true", help="only say what would happen")
    importing.add_argument(
        "--merge-by-email",
        action="store_true",
        help="who has the e-mail of an account here is that account",
    )
    importing.add_argument("--json", action="store_true", help="print the counts as JSON lines")


def _up(settings: Settings, arguments: argparse.Namespace) -> None:
    uvloop.run(up(settings, os.environ))


def _serve(settings: Settings, arguments: argparse.Namespace) -> None:
    serve(settings)


def _work(settings: Settings, arguments: argparse.Namespace) -> None:
    uvloop.run(work_until_stopped(settings))


def _rebuild(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.rebuilding import chosen, rebuild_all

    projections = chosen(arguments.projection)
    for name, position in uvloop.run(rebuild_all(settings, projections)).items():
        print(f"{name:<12} rebuilt up to position {position}")


def _status(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.status import status

    found = uvloop.run(status(settings))
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        print("\n".join(_status_lines(found)))
    if not found.healthy:
        sys.exit(1)


def _env(settings: Settings, arguments: argparse.Namespace) -> None:
    known = announced(settings.data) or {}
    if arguments.name is None:
        print("\n".join(f"{name}={value}" for name, value in known.items()))
    elif arguments.name in known:
        print(known[arguments.name])
    else:
        raise CommandFailed(f"no {arguments.name} among {', '.join(known) or 'nothing'}")


def _verify(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.verifying import findings

    async def told() -> int:
        count = 0
        async for line in findings(settings):
            print(line, flush=True)
            count += 1
        return count

    if count := uvloop.run(told()):
        raise CommandFailed(f"{count} findings")
    print("verified: the log, its command records and every read model")


def _dead_letters(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.letters import MAIL, listed, replayed

    if arguments.replay:
        projection, stream = arguments.replay
        try:
            id = UUID(stream)
        except ValueError as error:
            raise CommandFailed(f"{stream} is not the id of a stream or account") from error
        count = uvloop.run(replayed(settings, projection, id))
        print(f"{count} mails to send again" if projection == MAIL else f"{count} events projected")
        return
    for letter in uvloop.run(listed(settings)):
        if arguments.json:
            print(msgspec.json.encode(letter).decode())
        else:
            where = f"{letter.position} {letter.projection} {letter.stream} {letter.topic}"
            print(f"{where}: {letter.reason}")


def _replay(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.replay import replay

    uvloop.run(
        replay(settings, after=arguments.after, up_to=arguments.up_to, stream=arguments.stream)
    )


def _export(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.exporting import export_to
    from queries.formats import MEDIA_TYPES

    path: Path = arguments.file
    format = path.suffix.removeprefix(".")
    if format not in MEDIA_TYPES:
        raise CommandFailed(f"{path} must end in one of {', '.join(MEDIA_TYPES)}")
    exporting = export_to(
        settings,
        path,
        format=format,
        workspaces=arguments.workspace,
        history=arguments.history,
        noun=arguments.noun,
    )
    print(f"{path}: {uvloop.run(exporting)} rows")


def _import(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.importing import Wanted, import_all, outcome

    wanted = Wanted(
        system=arguments.system,
        url=arguments.url,
        files=arguments.files,
        dry_run=arguments.dry_run,
        merge=arguments.merge_by_email,
    )
    report = uvloop.run(import_all(settings, wanted))
    print("\n".join(outcome(report, json=arguments.json)))
    if not report.complete:
        raise CommandFailed("not everything can move in: see above")


def _disable(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.operating import disable

    uvloop.run(disable(settings, arguments.login))
    print(f"{arguments.login} is disabled")


def _enable(settings: Settings, arguments: argparse.Namespace) -> None:
    from gateway.bootstrap.operating import enable

    uvloop.run(enable(settings, arguments.login))
    print(f"{arguments.login} is enabled")


def _status_lines(found: "Status") -> list[str]:
    stream = "away" if found.stream is None else f"position {found.stream}"
    lines = [f"log          {found.log_id}, head {found.head}", f"stream       {stream}"]
    for name, projection in found.projections.items():
        parked = f", {projection.parked} dead letters" if projection.parked else ""
        lines.append(f"{name:<12} position {projection.position}, lag {projection.lag}{parked}")
    return lines


def joined(environ: Mapping[str, str]) -> Settings:
    """Beside a running `tasktrail up`, other commands talk to the servers it started. One that has
    its own database is not that of a `DATABASE_URL`."""
    settings = Settings.from_env(environ)
    if settings.database_url is None or settings.nats_url is None:
        known = announced(settings.data) or {}
        if settings.database_url is None or "DATABASE_URL" not in known:
            settings = Settings.from_env(with_found(environ, known))
    for name, url in (("DATABASE_URL", settings.database_url), ("NATS_URL", settings.nats_url)):
        if url is None:
            raise CommandFailed(f"nothing runs here: start `tasktrail up`, or set {name}")
    return settings


def position(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError("must be a position, such as 42")
    return int(text)


def _fail(lines: Sequence[str], *, code: int) -> None:
    for line in lines:
        print(f"tasktrail: {line}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
