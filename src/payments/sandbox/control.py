"""Under /_control, for tests and demonstrations: move time, money and mail along, and misbehave."""

from collections.abc import Callable

from payments.sandbox import checkout, payouts, refunds
from payments.sandbox.account import Account
from payments.sandbox.api import Answer, Request
from payments.sandbox.forms import Params
from payments.sandbox.refusals import Refusal, no_such
from payments.sandbox.store import Change, NotFound, Record

FAR_SECONDS = 400 * 24 * 60 * 60


class Control:
    """Asks for the same key as the API: a page open in the same browser must not get in over loopback."""

    def __init__(self, *, account: Account) -> None:
        self._account = account

    def answer(self, request: Request) -> Answer:
        try:
            self._account.check_key(request.authorization)
            return Answer(200, self._do(request, Params(request.fields)))
        except NotFound as error:
            refusal = no_such(error)
            return Answer(refusal.status, refusal.body())
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body())

    def _do(self, request: Request, params: Params) -> Record:
        match request.method, request.path.removeprefix("/_control/").split("/"):
            case "GET", ["deliveries"]:
                return self._deliveries(params)
            case "POST", ["misbehave"]:
                return self._account.misbehaviour.set(params)
            case "POST", ["clock"]:
                ahead = params.needed_whole("ahead_seconds", least=-FAR_SECONDS, most=FAR_SECONDS)
                return self._account.move_clock(ahead)
            case "POST", ["payouts"]:
                return self._change(payouts.pay_out_all)
            case "POST", ["events", event_id, "redeliver"]:
                return self._redeliver(event_id)
            case "POST", ["checkout", session_id, ("succeed" | "fail") as outcome]:
                return self._change(
                    lambda change: checkout.settle_later(change, session_id, succeeded=outcome == "succeed")
                )
            case "POST", ["checkout", session_id, "balance"]:
                return self._change(lambda change: checkout.balance(change, session_id))
            case "POST", ["refunds", refund_id, "succeed"]:
                return self._change(lambda change: refunds.settle(change, refund_id))
            case "POST", ["refunds", refund_id, "fail"]:
                return self._change(lambda change: refunds.fail(change, refund_id))
        raise Refusal(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)

    def _change(self, operation: Callable[[Change], Record]) -> Record:
        with self._account.change() as change:
            return operation(change)

    def _deliveries(self, params: Params) -> Record:
        """Every try, oldest first; of one event if `event` names it."""
        event_id = params.text("event")
        params.finish()
        with self._account.change() as change:
            tries = change.committed("_delivery")
        return {"object": "list", "data": [one for one in tries if event_id in (None, one["event"])]}

    def _redeliver(self, event_id: str) -> Record:
        if self._account.courier is None:
            raise Refusal("There is no webhook address to send to.")
        with self._account.change() as change:
            event = change.get("event", event_id)
        self._account.courier.send([event_id])
        return event
