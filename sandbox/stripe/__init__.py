"""A payment service that moves no money: it speaks Stripe's API for the calls the clinic makes.

Stateful, with idempotency, a hosted page to click, signed webhooks, and a panel for what goes
wrong. Never for production, which refuses its address.
"""
