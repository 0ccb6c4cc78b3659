"""What Stripe answers when it does not do as asked: https://docs.stripe.com/api/errors."""

from payments.sandbox.store import NotFound, Record


class Refusal(Exception):
    """`executed`: the request was understood and then refused, so its idempotency key remembers the refusal.

    A request with wrong parameters never began, and may be sent again under the same key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.executed = executed

    def body(self) -> Record:
        error = {"type": self.kind, "message": self.message, "code": self.code, "param": self.param}
        return {"error": {name: value for name, value in error.items() if value is not None}}


def missing(param: str) -> Refusal:
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> Refusal:
    return Refusal(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def invalid(param: str, why: str, *, code: str | None = None) -> Refusal:
    return Refusal(f"Invalid {param}: {why}", code=code, param=param)


def no_such(error: NotFound) -> Refusal:
    return Refusal(
        f"No such {error.kind}: '{error.record_id}'", status=404, code="resource_missing", param="id"
    )
