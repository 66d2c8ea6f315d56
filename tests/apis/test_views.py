"""The views of a sandbox as attributes, and that they show the same wherever the sandbox is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, assert_type, get_type_hints

import pytest

from mocktill.apis import BUILTIN
from mocktill.apis.deem.view import View as DeemView
from mocktill.apis.drip.view import View as DripView
from mocktill.apis.kajabi.view import View as KajabiView
from mocktill.apis.supertab.view import View as SupertabView
from mocktill.apis.views import Views
from mocktill.core.api import Api
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.doors.remote import Remote, RemoteSandbox
from tests import toyvendor
from tests.apis.supertab import ids
from tests.conftest import NOW
from tests.toyvendor.view import View as KioskView

every_api = pytest.mark.parametrize("api", BUILTIN, ids=lambda api: api.name)


class Box(Views):
    """What a test holds in its hand: the views of a sandbox, and things of its own."""

    def __init__(self, box: Sandbox | RemoteSandbox) -> None:
        self._box = box

    def view(self, api: str) -> Any:
        """Return the view of an API in the sandbox."""
        return self._box.view(api)

    @property
    def broken(self) -> str:
        """Something of its own that fails."""
        return str(getattr(self._box, "nothing_like_it"))  # noqa: B009


@pytest.fixture(scope="module")
def five() -> Catalogue:
    """The vendors that are built in, and one of another package."""
    return Catalogue((*BUILTIN, toyvendor.API))


@every_api
def test_every_vendor_has_a_property(api: Api, box: Sandbox) -> None:
    """Each built-in API is an attribute, with the type of its own view and a sentence."""
    found = vars(Views).get(api.name)
    assert isinstance(found, property), f"Views has no property {api.name}"
    assert get_type_hints(found.fget)["return"] is api.view
    assert inspect.getdoc(found)
    assert type(getattr(Box(box), api.name)) is api.view


def test_nothing_else_has_a_property() -> None:
    """No property is left of an API that there is no more."""
    properties = {name for name, it in vars(Views).items() if isinstance(it, property)}
    assert properties == {api.name for api in BUILTIN}


def test_a_type_checker_knows_them(box: Sandbox) -> None:
    """The properties have their types; a misspelt one is reported, as is what only another package may bring."""
    seen = Box(box)
    assert_type(seen.deem, DeemView)
    assert_type(seen.drip, DripView)
    assert_type(seen.supertab, SupertabView)
    assert_type(seen.kajabi, KajabiView)
    with pytest.raises(AttributeError):  # the comment below is an error where the type checker finds nothing to ignore
        seen.supertap  # type: ignore[attr-defined]  # noqa: B018


def test_an_api_of_another_package_is_there_by_name(five: Catalogue) -> None:
    """What is no property is there at run time, if there is such an API."""
    seen = Box(Sandbox(five))
    view = getattr(seen, "kiosk")  # noqa: B009
    assert isinstance(view, KioskView)
    assert view.tickets("matinee") == ["K-0001"]


def test_what_is_no_api_is_said_in_words(box: Sandbox) -> None:
    """A name that is no API's is an AttributeError that says what may be meant."""
    seen = Box(box)
    with pytest.raises(AttributeError) as caught:
        getattr(seen, "supertap")  # noqa: B009
    assert str(caught.value) == (
        "'Box' object has no attribute 'supertap', and there is no API 'supertap': did you mean 'supertab'?"
    )
    assert not hasattr(seen, "pytestmark")


def test_a_vendor_that_was_left_out() -> None:
    """A sandbox of fewer APIs has no view of the others, and says which it has."""
    seen = Box(Sandbox(Catalogue([api for api in BUILTIN if api.name == "drip"])))
    assert isinstance(seen.drip, DripView)
    with pytest.raises(AttributeError, match="there is no API 'kajabi': there are 'drip'"):
        seen.kajabi  # noqa: B018
    assert not hasattr(seen, "deem")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("_missing", "'Box' object has no attribute '_missing'"),
        ("__fspath__", "'Box' object has no attribute '__fspath__'"),
        ("broken", "'Sandbox' object has no attribute 'nothing_like_it'"),
    ],
)
def test_its_own_attributes_are_no_apis(box: Sandbox, name: str, said: str) -> None:
    """What Python looks for, and what fails in a property of one's own, is not taken for an API."""
    with pytest.raises(AttributeError) as caught:
        getattr(Box(box), name)
    assert str(caught.value) == said


def test_views_have_to_come_from_somewhere() -> None:
    """Whoever does not say how an API is seen is told so."""
    with pytest.raises(NotImplementedError, match="Views does not say how an API is seen"):
        Views().view("deem")


# the same wherever the sandbox is

LOOKS: dict[str, Callable[[Box], Any]] = {
    "deem.deals": lambda box: box.deem.deals(),
    "deem.deal": lambda box: [box.deem.deal(deal.id) for deal in box.deem.deals()],
    "deem.stock": lambda box: box.deem.stock("last-one"),
    "deem.set_stock": lambda box: box.deem.set_stock("last-one", 7),
    "deem.purchases": lambda box: box.deem.purchases(),
    "deem.purchase": lambda box: [box.deem.purchase(purchase.id) for purchase in box.deem.purchases()],
    "deem.reservations": lambda box: box.deem.reservations(),
    "deem.users": lambda box: box.deem.users(),
    "deem.user": lambda box: [box.deem.user(user.id) for user in box.deem.users()],
    "deem.cards": lambda box: box.deem.cards(),
    "deem.card": lambda box: [box.deem.card(card.id) for card in box.deem.cards()],
    "deem.set_charge": lambda box: box.deem.set_charge("2342f8073e", "declined"),
    "deem.coupons": lambda box: box.deem.coupons(),
    "deem.coupon": lambda box: [box.deem.coupon(coupon.id) for coupon in box.deem.coupons()],
    "deem.set_coupon_state": lambda box: box.deem.set_coupon_state("a21c5452d8", "cancelled"),
    "drip.subscribers": lambda box: box.drip.subscribers(),
    "drip.subscriber": lambda box: [box.drip.subscriber(each.email) for each in box.drip.subscribers()],
    "drip.set_lifetime_value": lambda box: box.drip.set_lifetime_value("john@acme.com", 7),
    "drip.purchases": lambda box: [box.drip.purchases(each.id) for each in box.drip.subscribers()],
    "drip.purchase": lambda box: box.drip.purchase("9999999"),
    "supertab.offerings": lambda box: box.supertab.offerings(),
    "supertab.offering": lambda box: box.supertab.offering(ids.MAGAZINE),
    "supertab.purchases": lambda box: box.supertab.purchases(),
    "supertab.purchase": lambda box: box.supertab.purchase(ids.ALL_SET),
    "supertab.status": lambda box: [box.supertab.status(each.id) for each in box.supertab.purchases()],
    "supertab.tabs": lambda box: box.supertab.tabs(),
    "supertab.tab": lambda box: box.supertab.tab(ids.OPEN_TAB),
    "supertab.purchases_on": lambda box: [box.supertab.purchases_on(tab.id) for tab in box.supertab.tabs()],
    "supertab.pay_tab": lambda box: box.supertab.pay_tab(ids.UNPAID_TAB),
    "supertab.add_to_tab": lambda box: box.supertab.add_to_tab(ids.LATER_PENDING, ids.OPEN_TAB),
    "kajabi.purchases": lambda box: (box.kajabi.purchases(), box.kajabi.purchases("4002")),
    "kajabi.purchase": lambda box: [box.kajabi.purchase(each.id) for each in box.kajabi.purchases()],
    "kajabi.status": lambda box: [box.kajabi.status(each.id) for each in box.kajabi.purchases()],
    "kajabi.plan": lambda box: [box.kajabi.plan(each.id) for each in box.kajabi.purchases()],
    "kajabi.transactions": lambda box: [box.kajabi.transactions(each.id) for each in box.kajabi.purchases()],
    "kajabi.set_payments_made": lambda box: box.kajabi.set_payments_made("123", 3),
}


@every_api
def test_every_look_is_listed(api: Api) -> None:
    """Whatever a view offers is compared below."""
    offered = {f"{api.name}.{name}" for name in vars(api.view) if not name.startswith("_")}
    assert offered == {name for name in LOOKS if name.startswith(f"{api.name}.")}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_view_shows_the_same_from_afar(look: Callable[[Box], Any], url: str, catalogue: Catalogue) -> None:
    """A look at a sandbox in this process and at its twin on a server are equal, and so is what each leaves behind."""
    here = Sandbox(catalogue, "twin", Setup(seed=7, now=NOW))
    there = Remote(url).make("twin", seed=7, now=NOW)
    assert here.populate(20) == there.populate(20)
    assert look(Box(here)) == look(Box(there))
    assert here.state() == there.state()
