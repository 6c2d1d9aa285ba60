"""The `partfit` command. Exit 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from fitment_rules.errors import FitmentError
from indexers.engine.errors import EngineError
from indexers.errors import IndexerError, TooManyBadRows
from indexers.vocabulary import VocabularyError
from ranking.errors import RankingError
from search_service.decoders.errors import DecoderError
from search_service.errors import InvalidSettings, Problem
from search_service.live.errors import LiveError
from search_service.sample.errors import SampleError
from search_service.settings import Settings, describe, load, unknown_variables
from search_service.understanding.errors import UnderstandingError

if TYPE_CHECKING:
    from indexers.inputs import BuildResult
    from indexers.quarantine import Quarantined

app = typer.Typer(
    name="partfit",
    help="Search and recommendation for car parts, with fitment verdicts that explain themselves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
stock = typer.Typer(help="Live stock.", no_args_is_help=True)
users = typer.Typer(help="Customers.", no_args_is_help=True)
events = typer.Typer(help="What people did.", no_args_is_help=True)
policy = typer.Typer(help="The merchandiser's configuration.", no_args_is_help=True)
vin = typer.Typer(help="VIN pattern tables.", no_args_is_help=True)
vocabulary = typer.Typer(help="Words for part types, learnt from the log.", no_args_is_help=True)
for group, name in ((stock, "stock"), (users, "users"), (events, "events"), (policy, "policy"), (vin, "vin"),
                    (vocabulary, "vocabulary")):  # fmt: skip
    app.add_typer(group, name=name)

Files = Annotated[list[Path] | None, typer.Option(exists=True, dir_okay=False, help="File; may be repeated.")]
KNOWN = (
    DecoderError,
    IndexerError,
    EngineError,
    LiveError,
    RankingError,
    SampleError,
    FitmentError,
    VocabularyError,
    UnderstandingError,
    InvalidSettings,
    Problem,
    OSError,
)


@app.command()
def demo(
    host: str | None = None,
    port: int | None = None,
    parts: int = 20_000,
    sample_events: Annotated[int, typer.Option("--events")] = 200_000,
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve when ready.")] = True,
) -> None:
    """Make a sample shop, index it, train, and serve API, shop page and console."""
    from search_service.demo import prepare
    from search_service.serving import serve as run
    from search_service.terminal import Terminal

    with _said():
        settings = _demo_settings(host, port)
        with Terminal() as terminal:
            requests = prepare(settings, terminal, _now(), parts, sample_events)
        base = f"http://{settings.host}:{settings.port}"
        typer.echo(f"\nShop     {base}/\nConsole  {base}/console\nAPI      {base}/docs\n\nTry:")
        for one in requests:
            vehicle = " ".join(one.vehicle.values())
            typer.echo(f"  {one.q}, for {vehicle}\n    {base}{one.page}\n    {base}{one.path}")
        typer.echo("")
        if serve_after:
            run(settings)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    vehicles: Annotated[
        Path | None, typer.Option(exists=True, help="A vehicle table, or a column map of one, to make parts for.")
    ] = None,
    parts: int = 20_000,
    seed: int = 7,
    sample_events: Annotated[int, typer.Option("--events")] = 200_000,
    applications_per_part: int | None = None,
    years_per_application: int | None = None,
) -> None:
    """Write sample data in the contract's formats."""
    from search_service.sample.writer import write_sample
    from search_service.terminal import Terminal

    with _said(), Terminal() as terminal:
        summary = write_sample(
            out,
            parts=parts,
            seed=seed,
            vehicles=_rows(vehicles) if vehicles else None,
            events=sample_events,
            applications_per_part=applications_per_part,
            years_per_application=years_per_application,
            progress=terminal.report,
        )
    for kind, count in summary.rows.items():
        typer.echo(f"{kind:<14}{count:>12,}  {summary.files.get(kind, '')}")


@app.command()
def index(
    vehicles: Files = None,
    parts: Files = None,
    applications: Files = None,
    stores: Files = None,
    stock_file: Annotated[list[Path] | None, typer.Option("--stock", exists=True)] = None,
    promotions: Files = None,
    aces: Files = None,
    maps: Annotated[list[Path] | None, typer.Option("--map", exists=True, help="Column map (YAML).")] = None,
    pies: Files = None,
    vcdb: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
    pcdb: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
    qdb: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
    update: Annotated[bool, typer.Option("--update", help="Apply deltas to the present generation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but publish.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the data report (JSON).")] = None,
    quarantine: Annotated[Path | None, typer.Option(help="Where bad rows go.")] = None,
    notes: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Reviewed notes; kept.")] = None,
    orders: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Open orders with stamps.")] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="A full ACES file without an App may empty its brand.")
    ] = False,
) -> None:
    """Build a generation aside, check it, publish it atomically."""
    from indexers.inputs import Inputs
    from indexers.rows import RowKind
    from indexers.sources.reference import load_reference
    from search_service.app import engine_of, vocabulary_of
    from search_service.indexing import index as run
    from search_service.live.factory import open_live
    from search_service.terminal import Terminal

    given = {
        RowKind.VEHICLES: vehicles,
        RowKind.PARTS: parts,
        RowKind.APPLICATIONS: applications,
        RowKind.STORES: stores,
        RowKind.STOCK: stock_file,
        RowKind.PROMOTIONS: promotions,
    }
    if not any((*given.values(), aces, pies, maps, vcdb)):
        _usage("nothing to index: give --vehicles, --parts, --applications, --aces, --pies, --vcdb or --map")
    with _said():
        settings = _settings()
        inputs = Inputs(
            {kind: some for kind, some in given.items() if some},
            aces or (),
            maps or (),
            pies or (),
            vcdb,
            load_reference(pcdb, qdb),
        )
        engine, live = engine_of(settings), open_live(settings)
        try:
            with Terminal() as terminal:
                result = run(
                    settings,
                    engine,
                    live,
                    vocabulary_of(settings),
                    inputs,
                    terminal,
                    now=_now(),
                    update=update,
                    dry_run=dry_run,
                    quarantine=quarantine,
                    reviewed=notes,
                    orders=orders,
                    allow_empty=allow_empty,
                )
        finally:
            live.close()
            engine.close()
        if report is not None:
            report.write_bytes(result.report.encoded())
        _tell(result)
        if result.refused is not None:
            raise result.refused


@app.command()
def export(
    aces: Annotated[Path, typer.Option(help="The ACES file to write.")],
    version: Annotated[str, typer.Option(help="Version of ACES.")] = "4.2",
    brand: Annotated[str | None, typer.Option(help="Only the applications of this brand code.")] = None,
) -> None:
    """Write the applications of the published generation as ACES; what ACES cannot say is left out and counted."""
    from indexers.export_aces import NUMBERED, export_aces
    from search_service.app import engine_of, generations_of

    with _said():
        settings = _settings()
        engine = engine_of(settings)
        try:
            counts = export_aces(generations_of(settings, engine).open(), aces, version, brand)
        finally:
            engine.close()
        typer.echo(f"written: {counts.pop('written', 0):,} applications to {aces}")
        if numbered := counts.pop(NUMBERED, 0):
            typer.echo(f"of these {numbered:,} have an id that is no number; they got one, and their id as ref")
        for reason, count in counts.most_common():
            typer.echo(f"left out: {count:,}, each of which {reason}")


@app.command()
def generations() -> None:
    """List the generations that are kept, the newest first."""
    from search_service.app import engine_of, generations_of

    with _said():
        settings = _settings()
        for one in generations_of(settings, engine_of(settings)).list():
            mark = "*" if one.current else " "
            typer.echo(f"{mark} {one.name}  {one.created}  {one.manifest.parts:,} parts")


@app.command()
def rollback(generation: Annotated[str | None, typer.Argument(help="Default: the one before.")] = None) -> None:
    """Publish an older generation that is kept."""
    from search_service.app import engine_of, generations_of

    with _said():
        settings = _settings()
        typer.echo(f"published {generations_of(settings, engine_of(settings)).rollback(generation)}")


@stock.command("load")
def stock_load(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Load stock rows; live at once."""
    _load("stock", file)


@users.command("load")
def users_load(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Load customers."""
    _load("users", file)


@users.command("forget")
def users_forget(user_id: str) -> None:
    """Erase a customer's profile, events and queries."""
    from search_service.live.factory import open_live
    from search_service.live.forgetting import forget as erase

    with _said():
        live = open_live(_settings())
        try:
            gone = erase(live, user_id)
        finally:
            live.close()
        typer.echo(f"erased {gone.events} events, {gone.queries} queries" + (", the profile" if gone.profile else ""))


@events.command("load")
def events_load(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Load UBI events."""
    _load("events", file)


@app.command()
def train(seed: int = 7) -> None:
    """Fit, evaluate, gate and publish a ranking model, at low priority: answers of a server beside go first."""
    from search_service.app import engine_of, generations_of, jobs_of, models_of
    from search_service.live.factory import open_live
    from search_service.terminal import Terminal
    from search_service.training import train as run

    with _said():
        settings = _settings()
        if hasattr(os, "nice"):
            os.nice(settings.train_niceness)
        engine, live = engine_of(settings), open_live(settings)
        try:
            with Terminal() as terminal:
                generation, models = generations_of(settings, engine).open(), models_of(settings, engine)
                jobs, say = jobs_of(settings), terminal.say
                outcome = run(generation, live, models, now=_now(), jobs=jobs, seed=seed, progress=say)
        finally:
            live.close()
            engine.close()
        ratio = outcome.report.ratio
        typer.echo(f"held-out NDCG@10 against popularity, people with history: {ratio}")
        if outcome.version is None:
            typer.echo("not published: worse than popularity or the model in service, on held-out events", err=True)
            raise typer.Exit(1)
        typer.echo(f"published {outcome.version} from {outcome.events:,} events")


@app.command()
def evaluate(
    queries: Annotated[Path, typer.Option(exists=True, help="Judged queries (JSON Lines).")],
    report: Annotated[Path | None, typer.Option(help="Write the report (JSON).")] = None,
) -> None:
    """Measure search quality over a judged query file."""
    from search_service.app import open_runtime
    from search_service.evaluating import evaluate as run
    from search_service.evaluating import read_queries

    with _said():
        runtime = open_runtime(_settings())
        try:
            measured = run(runtime, read_queries(queries))
        finally:
            runtime.close()
        if report is not None:
            report.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2))
        for name, row in {"all": measured["all"], **measured["classes"]}.items():
            typer.echo(f"{name:<16}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
        spans = "  ".join(f"{key} [{low:.3f}, {high:.3f}]" for key, (low, high) in measured["intervals"].items())
        typer.echo(f"{'95 % intervals':<16}{spans}")
        typer.echo(
            f"generation {measured['generation']}  model {measured['model']}  seed {measured['seed']}  "
            f"queries sha256 {hashlib.sha256(queries.read_bytes()).hexdigest()[:12]}"
        )


@vocabulary.command("suggest")
def vocabulary_suggest(
    days: Annotated[int, typer.Option(min=1, help="How far back to look.")] = 30,
    out: Annotated[Path | None, typer.Option(help="Write the suggestions as lines to review (JSON Lines).")] = None,
) -> None:
    """Words people used and nobody knew, with the part type they probably mean."""
    from search_service.app import engine_of, generations_of, vocabulary_of
    from search_service.live.factory import open_live
    from search_service.vocabulary_review import DAY_MS, suggestions

    with _said():
        settings = _settings()
        engine, live = engine_of(settings), open_live(settings)
        try:
            since = int(_now().timestamp() * 1000) - days * DAY_MS
            generation = generations_of(settings, engine).open()
            found = suggestions(live, generation, vocabulary_of(settings), since)
        finally:
            live.close()
            engine.close()
        for one in found:
            typer.echo(f"{one.word:<24}{one.type_id:<28}{one.people:>4} people  share {one.share:.2f}")
        if out is not None:
            out.write_bytes(b"".join(msgspec.json.encode(one.row()) + b"\n" for one in found))
        typer.echo(
            f"{len(found)} suggestions" + (f" in {out}; keep what is right, then accept the file" if out else "")
        )


@vocabulary.command("accept")
def vocabulary_accept(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Add reviewed lines to your own part types; a worker reads them when it starts."""
    from search_service.vocabulary_review import accept

    with _said():
        typer.echo(f"{accept(file, _settings().config_dir)} lines added")


@policy.command("check")
def policy_check(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Check a configuration; every fault with its line."""
    from ranking.policy import load_policy

    with _said():
        typer.echo(f"good: version {load_policy(file).version}")


@policy.command("publish")
def policy_publish(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Check a configuration and put it into force."""
    from ranking.policy import load_policy

    with _said(), _policies() as policies:
        load_policy(file)
        version = policies.create(file.read_text(encoding="utf-8"), "command").version
        policies.publish(version, "command")
        typer.echo(f"published {version}")


@policy.command("rollback")
def policy_rollback() -> None:
    """Put the version before the present one into force."""
    with _said(), _policies() as policies:
        typer.echo(f"published {policies.rollback('command').version}")


@policy.command("history")
def policy_history() -> None:
    """Every publication and rollback, oldest first."""
    with _said(), _policies() as policies:
        for one in policies.history():
            typer.echo(f"{one.number:>4}  {one.at}  {one.action:<9} {one.version:<6} by {one.source}")


@vin.command("load")
def vin_load(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Check a pattern table (CSV) and decode by it from now on; running servers take it up."""
    from indexers.quarantine import Quarantined
    from search_service.decoders.pattern_files import load_patterns

    with _said():
        settings = _settings()
        loaded = load_patterns(file, settings.data_dir, settings.bad_row_share)
        bad = [Quarantined("vin_patterns", str(file), e.line, e.field, e.value, e.reason) for e in loaded.errors]
        typer.echo(f"vin patterns: {loaded.accepted:,} accepted, {len(bad):,} quarantined")
        _keep_bad(settings, "vin_patterns", bad)
        if loaded.path is None:
            typer.echo("more bad rows than allowed; the table is not used", err=True)
            raise typer.Exit(1)


@app.command()
def serve(host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve the API, the shop page and the console."""
    from search_service.serving import serve as run

    with _said():
        run(_settings(host=host, port=port, workers=workers))


@app.command()
def doctor(
    show_settings: Annotated[bool, typer.Option("--settings", help="Print every setting.")] = False,
) -> None:
    """Check settings, engine, generation, model and policy."""
    from search_service.doctor import diagnose

    with _said():
        settings = _settings()
        if show_settings:
            for one in describe(settings):
                typer.echo(f"{one.name}={one.value}\n    {one.meaning}")
            return
        for name in unknown_variables():
            typer.echo(f"WARN {name} is no setting of this version", err=True)
        checks = diagnose(settings)
        for check in checks:
            typer.echo(f"{'PASS' if check.passed else 'FAIL'} {check.name}: {check.detail}")
        if not all(check.passed for check in checks):
            raise typer.Exit(1)


def main() -> None:
    """Entry point of the console command."""
    app()


def _load(kind: str, file: Path) -> None:
    from search_service.live.factory import open_live
    from search_service.live.loading import file_lines
    from search_service.live.loading import load as run

    with _said():
        settings = _settings()
        bad: list[Quarantined] = []
        live = open_live(settings)
        try:
            outcome = run(
                live, kind, file_lines(kind, [file]), now=int(_now().timestamp() * 1000), quarantine=bad.append
            )
        finally:
            live.close()
        typer.echo(f"{kind}: {outcome.read:,} read, {outcome.accepted:,} accepted, {outcome.quarantined:,} quarantined")
        _keep_bad(settings, kind, bad)
        if outcome.bad_share > settings.bad_row_share:
            typer.echo("more bad rows than allowed", err=True)
            raise typer.Exit(1)


def _keep_bad(settings: Settings, kind: str, bad: list[Quarantined]) -> None:
    """Write bad rows to the quarantine of the data folder, and say where; nothing for none."""
    from indexers.quarantine import Quarantine

    if bad:
        path = settings.data_dir / "quarantine" / f"{kind}-{_now():%Y%m%d%H%M%S}.jsonl"
        with Quarantine(path) as quarantine:
            quarantine.add(bad)
        typer.echo(f"bad rows: {path}")


@contextmanager
def _policies() -> Iterator[Any]:
    from search_service.live.factory import open_live
    from search_service.live.policies import Policies

    live = open_live(_settings())
    try:
        yield Policies(live, lambda: int(_now().timestamp() * 1000))
    finally:
        live.close()


@contextmanager
def _said() -> Iterator[None]:
    """Known failures as one line on standard error and exit 1; defects keep their trace."""
    try:
        yield
    except TooManyBadRows as error:
        typer.echo(f"partfit: {error}\nbad rows: {error.quarantine}", err=True)
        raise typer.Exit(1) from None
    except KNOWN as error:
        typer.echo(f"partfit: {error}", err=True)
        raise typer.Exit(1) from None


def _settings(**given: Any) -> Settings:
    return load({name: value for name, value in given.items() if value is not None})


def _demo_settings(host: str | None, port: int | None) -> Settings:
    """The operator's settings; the demo keeps to a folder of its own and admits the console with a known key."""
    base = _settings(host=host, port=port)
    changes: dict[str, Any] = {
        "data_dir": base.data_dir / "demo",
        "engine": "embedded",
        "host": base.host,
        "port": base.port,
    }
    if base.admin_key is None:
        changes["admin_key"] = "partfit-demo"
    return load(changes)


def _tell(result: BuildResult) -> None:
    from indexers.report_text import text_of

    report = result.report
    typer.echo(text_of(report), nl=False)
    typer.echo(f"{'published' if result.published else 'dry run of'} {result.generation}: {report.parts:,} parts, "
               f"{report.vehicles:,} vehicles, {report.applications:,} applications")  # fmt: skip


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """Rows of a vehicle table in the contract's formats, or through a column map."""
    from indexers.rows import RowKind
    from indexers.sources.files import pieces_of
    from indexers.sources.mapped import mapped_pieces

    mapped = file.suffix in (".yaml", ".yml")
    pieces = mapped_pieces(file, RowKind.VEHICLES) if mapped else pieces_of(RowKind.VEHICLES, [file])
    blocks = (block for piece in pieces for block in piece.blocks())
    return (msgspec.json.decode(row) for block in blocks for row in block.data.splitlines() if row.strip())


def _usage(message: str) -> None:
    typer.echo(f"partfit: {message}", err=True)
    raise typer.Exit(2)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
