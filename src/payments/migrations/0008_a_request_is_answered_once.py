"""Which request a bank line answers is said once, of money that came in: with its reference, or by who recognised it."""

from django.db import migrations, models
from django.db.models import Q

FORWARD = """
CREATE FUNCTION payments_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'bank line % answers a request already', OLD.id USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER bank_line_answers_once
    BEFORE UPDATE OF funding_request_id, recognised_by_id, recognised_at ON payments_bankline
    FOR EACH ROW WHEN (OLD.funding_request_id IS NOT NULL) EXECUTE FUNCTION payments_answered_once();
"""
BACKWARD = """
DROP TRIGGER bank_line_answers_once ON payments_bankline;
DROP FUNCTION payments_answered_once();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_lines_answer_requests")]

    operations = [
        migrations.RemoveConstraint("bankline", "bank_line_of_a_funder_answers_a_request"),
        migrations.AddConstraint(
            "bankline",
            models.CheckConstraint(
                condition=Q(
                    kind="funding", credit=True, funding_request__isnull=False, recognised_at__isnull=True
                )
                | Q(kind="unknown", credit=True, funding_request__isnull=False, recognised_at__isnull=False)
                | ~Q(kind="funding") & Q(funding_request__isnull=True, recognised_at__isnull=True),
                name="bank_line_of_a_funder_answers_a_request",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
