"""Stripe's API under /v1: who asks, what for, whether it was asked before, and the answer."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from payments.sandbox import checkout, payouts, refunds
from payments.sandbox.account import Account
from payments.sandbox.expansion import expand
from payments.sandbox.forms import Params
from payments.sandbox.objects import API_VERSION, new_id
from payments.sandbox.refusals import Refusal, no_such
from payments.sandbox.store import Change, Cursor, NotFound, Record

KEY_LENGTH = 255
# Path: the kind it lists, and the fields that a list of it can be filtered by.
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "/v1/checkout/sessions": ("checkout.session", ("payment_intent", "status")),
    "/v1/payment_intents": ("payment_intent", ()),
    "/v1/charges": ("charge", ("payment_intent",)),
    "/v1/balance_transactions": ("balance_transaction", ("type", "source", "currency")),
    "/v1/refunds": ("refund", ("charge", "payment_intent")),
    "/v1/payouts": ("payout", ("status",)),
    "/v1/events": ("event", ("type",)),
}
LAST_MOMENT = 2**40


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    fields: dict[str, Any]
    authorization: str
    idempotency_key: str | None


@dataclass(frozen=True)
class Answer:
    """`lost`: close the connection instead of sending it."""

    status: int
    body: Record
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


class Api:
    def __init__(self, *, account: Account, pay_url: str) -> None:
        self._account = account
        self._pay_url = pay_url

    def answer(self, request: Request) -> Answer:
        request_id = new_id("req", length=14)
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        try:
            self._account.check_key(request.authorization)
            if request.method == "POST":
                answer = self._post(request, request_id=request_id)
            else:
                with self._account.change(request_id=request_id) as change:
                    answer = Answer(200, self._read(change, request))
        except NotFound as error:
            refusal = no_such(error)
            answer = Answer(refusal.status, refusal.body())
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.body())
        return Answer(answer.status, answer.body, {**headers, **answer.headers}, answer.lost)

    def _post(self, request: Request, *, request_id: str) -> Answer:
        """Does it once per idempotency key. https://docs.stripe.com/api/idempotent_requests."""
        key = request.idempotency_key
        if key is not None and not 0 < len(key) <= KEY_LENGTH:
            raise Refusal(
                f"An idempotency key has from 1 to {KEY_LENGTH} characters.", kind="idempotency_error"
            )
        with self._account.change(request_id=request_id, idempotency_key=key) as change:
            earlier = change.find("_answer", key) if key is not None else None
            if earlier is not None:
                return _replay(earlier, request)
            try:
                answer = Answer(200, self._write(change, request))
            except Refusal as refusal:
                if not refusal.executed:
                    raise
                change.discard()
                answer = Answer(refusal.status, refusal.body())
            if answer.status == 200 and self._account.misbehaviour.happens("fail_post"):
                answer = Answer(500, {"error": {"type": "api_error", "message": "Something went wrong."}})
            if key is not None:
                change.put(
                    {
                        "object": "_answer",
                        "id": key,
                        "asked": _fingerprint(request),
                        "request_id": request_id,
                        "status": answer.status,
                        "body": answer.body,
                    }
                )
        return Answer(
            answer.status,
            answer.body,
            _should_retry(answer.status),
            lost=self._account.misbehaviour.happens("lose_answer"),
        )

    def _write(self, change: Change, request: Request) -> Record:
        params = Params(request.fields)
        wanted = params.texts("expand")
        match request.path.removeprefix("/v1/").split("/"):
            case ["checkout", "sessions"]:
                made = checkout.create(change, params, pay_url=self._pay_url)
            case ["checkout", "sessions", session_id, "expire"]:
                params.finish()
                made = checkout.expire(change, session_id)
            case ["refunds"]:
                made = refunds.create(
                    change, params, pending=self._account.misbehaviour.happens("slow_refund")
                )
            case _:
                raise _no_such_url(request)
        return expand(change, made, wanted)

    def _read(self, change: Change, request: Request) -> Record:
        params = Params(request.fields)
        wanted = params.texts("expand")
        if request.path in LISTS:
            found = _list(change, request.path, params)
        else:
            found = self._read_one(change, request)
        params.finish()
        return expand(change, found, wanted)

    def _read_one(self, change: Change, request: Request) -> Record:
        if request.path == "/v1/balance":
            return payouts.balance(change)
        folder, _, record_id = request.path.rpartition("/")
        if folder not in LISTS:
            raise _no_such_url(request)
        return change.get(LISTS[folder][0], record_id)


def _list(change: Change, path: str, params: Params) -> Record:
    kind, names = LISTS[path]
    cursor = Cursor(
        limit=params.whole("limit", least=1, most=100) or 10,
        after=params.text("starting_after"),
        before=params.text("ending_before"),
    )
    first, last = _created_between(params)
    equal = {name: value for name in names if (value := params.text(name)) is not None}
    payout = params.text("payout") if kind == "balance_transaction" else None
    if payout is not None:
        change.get("payout", payout)  # raises NotFound: a payout that is not there has no empty list
    types = params.texts("types") if kind == "event" else []

    def keep(record: Record) -> bool:
        return (
            first <= record["created"] <= last
            and all(record[name] == value for name, value in equal.items())
            and (not types or record["type"] in types)
            and (payout is None or payouts.payout_of(change, record["id"]) == payout)
        )

    data, has_more = change.page(kind, keep=keep, cursor=cursor)
    return {"object": "list", "data": data, "has_more": has_more, "url": path}


def _created_between(params: Params) -> tuple[int, int]:
    """First and last second that `created` lets through."""
    created = params.either("created")
    if isinstance(created, str):
        moment = params.needed_whole("created", least=0, most=LAST_MOMENT)
        return moment, moment
    from_moment, after = (created.whole(name, least=0, most=LAST_MOMENT) for name in ("gte", "gt"))
    to_moment, before = (created.whole(name, least=0, most=LAST_MOMENT) for name in ("lte", "lt"))
    return (
        max(from_moment or 0, 0 if after is None else after + 1),
        min(LAST_MOMENT if to_moment is None else to_moment, LAST_MOMENT if before is None else before - 1),
    )


def _fingerprint(request: Request) -> str:
    asked = json.dumps([request.path, request.fields], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _replay(earlier: Record, request: Request) -> Answer:
    if earlier["asked"] != _fingerprint(request):
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters "
            "they were first used with.",
            kind="idempotency_error",
        )
    headers = {"Idempotent-Replayed": "true", "Original-Request": earlier["request_id"]}
    return Answer(earlier["status"], earlier["body"], headers | _should_retry(earlier["status"]))


def _should_retry(status: int) -> dict[str, str]:
    """Stripe's own libraries ask again after a 500 unless told that the answer will be the same."""
    return {"Stripe-Should-Retry": "false"} if status == 500 else {}


def _no_such_url(request: Request) -> Refusal:
    return Refusal(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
