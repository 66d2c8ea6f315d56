"""The ids of the factory state, by the branch of the status rule that they stand for."""

from __future__ import annotations


def purchase(number: int) -> str:
    """Return the id of one of the seeded purchases."""
    return f"purchase.aaaaaaaa-0000-4000-8000-{number:012}"


def tab(number: int) -> str:
    """Return the id of one of the seeded tabs."""
    return f"tab.bbbbbbbb-0000-4000-8000-{number:012}"


LATER_ON_TAB = purchase(1)
NOW_PAID = purchase(2)
NOW_UNPAID = purchase(3)
LATER_PENDING = purchase(4)
ALL_SET = purchase(5)
ALL_NULL = purchase(6)
SUBSCRIPTION_PAID = purchase(7)
SUBSCRIPTION_UNPAID = purchase(8)
NOW_PENDING = purchase(9)
UNKNOWN = "purchase.00000000-0000-4000-8000-000000000000"
OPEN_TAB, PAID_TAB, UNPAID_TAB = tab(1), tab(2), tab(3)


def offering(number: int) -> str:
    """Return the id of one of the seeded offerings."""
    return f"offering.cccccccc-0000-4000-8000-{number:012}"


def user(number: int) -> str:
    """Return the id of one of the seeded users."""
    return f"user.eeeeeeee-0000-4000-8000-{number:012}"


LONG_READ, DAY_PASS, MONTHLY, MAGAZINE, REPORT = (offering(number) for number in (1, 2, 6, 8, 9))
WEEKLY, ISSUE = offering(5), offering(10)
FULL_TAB = tab(6)
