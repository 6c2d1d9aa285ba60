"""What a request means: its text, the vehicle it is for, who asks and which rules of the policy fire."""

from __future__ import annotations

from dataclasses import replace

from indexers.engine.plan import Not
from ranking.policy import Context, Policy
from search_service.alternatives import with_alternatives
from search_service.asking import Asking, ask
from search_service.errors import Invalid
from search_service.items import counter_for
from search_service.live.view import Snapshot
from search_service.personal import personal_for
from search_service.request import SearchRequest
from search_service.runtime import Runtime, Serving
from search_service.stages.state import Search, Tried
from search_service.understanding.intent import QueryIntent
from search_service.vehicle_query import with_text
from search_service.wanted import Reach
from search_service.wire import Notice

OUTSIDE = Tried()


def understand(
    runtime: Runtime, serving: Serving, policy: Policy, request: SearchRequest, tried: Tried = OUTSIDE
) -> Search:
    """Everything that is fixed before the engine is asked. Raises `UnknownVehicle`."""
    person = personal_for(runtime, serving, request.person)
    live = runtime.view.snapshot()
    _check_place(request, live)
    today = runtime.today()
    context = Context(
        query=request.q,
        store=request.place.store,
        member_level=person.person.member_level,
        lang=request.lang,
        today=today,
    )
    intent = _read(serving, policy, context, request)
    asking, notices = _vehicle(runtime, serving, request, intent)
    context = replace(
        context,
        part_types=tuple(one.id for one in intent.part_types if one.filters),
        brands=(intent.brand,) if intent.brand else (),
        makes=intent.vehicle.makes if intent.vehicle else (),
    )
    return Search(
        runtime=runtime,
        serving=serving,
        request=request,
        policy=policy,
        tried=tried,
        firings=policy.firing(context),
        intent=intent,
        asking=asking,
        personal=person,
        counter=counter_for(live, person.person, request.place, request.lang, runtime.now()),
        reach=Reach(
            serving.generation,
            runtime.vocabulary,
            live,
            runtime.view,
            serving.brands,
            serving.stock_sequence,
            serving.outside,
        ),
        hidden=tuple(Not(serving.policy_filter(items)) for items in policy.hidden(context)),
        context=context,
        notices=notices,
    )


def _check_place(request: SearchRequest, live: Snapshot) -> None:
    """Raise `Invalid` for an order by distance from a store whose place is not known."""
    place = request.place
    if request.sort != "distance" or place.lat is not None or place.store in live.places.ids:
        return
    known = "has no place" if place.store in live.stores else "is no store of this shop"
    raise Invalid.of(
        "store", f"{place.store!r} {known}, so nothing can be sorted by distance; give another, or lat and lon"
    )


def _read(serving: Serving, policy: Policy, context: Context, request: SearchRequest) -> QueryIntent:
    """The text as the policy's synonyms have it, together with the other wordings of its two-way pairs."""
    if not request.q or request.verbatim:
        return serving.understanding.parse(request.q, ignore=request.ignore, verbatim=request.verbatim)
    rewriting = policy.rewrite(context)
    main, *others = (
        serving.understanding.parse(text, ignore=request.ignore) for text in (rewriting.text, *rewriting.expansions)
    )
    return with_alternatives(main, others)


def _vehicle(
    runtime: Runtime, serving: Serving, request: SearchRequest, intent: QueryIntent
) -> tuple[Asking, tuple[Notice, ...]]:
    """The vehicle of the parameters; what the text adds counts as far as it does not contradict them."""
    said = request.vehicle
    if intent.vin and not said.vin and "vehicle" not in request.ignore:
        said = replace(said, vin=intent.vin)
    mention = intent.vehicle
    if mention is None or mention.confidence < runtime.settings.reading_confidence or "vehicle" in request.ignore:
        return ask(runtime, serving, said), ()
    both = ask(runtime, serving, with_text(said, serving.mentioned(mention)))
    if both.asked is not None or not said.names_vehicle:
        return both, ()
    text = f"The text names another vehicle ({mention.text}); searched for the one given."
    notice = Notice(
        "vehicle_text_ignored",
        "q",
        {"en": text, "zh": f"文字中的车型（{mention.text}）与所选车辆不符，已按所选车辆搜索。"},
    )
    return ask(runtime, serving, said), (notice,)
