"""Every operation on money in any order, beside a model of the books that knows no database.

`model.py` is the model, `stripe.py` a Stripe in memory, `street.py` does each step on both sides and compares them, and
`rules.py` lets Hypothesis choose the steps.
"""
