"""What Deem's links lead to: the images of deals, the QR codes of coupons, and a page to print a coupon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape

from mocktill.apis.deem.links import IMAGES
from mocktill.apis.deem.show import coupon_state
from mocktill.core.api import Page, Scene
from mocktill.core.clock import instant
from mocktill.core.names import look_up
from mocktill.core.pages import Shown, Visit, document
from mocktill.core.store import Row

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
STATES = {
    "valid": "",
    "redeemed": "Redeemed: it has been used, and cannot be used again.",
    "expired": "Expired: it cannot be used any more.",
    "cancelled": "Cancelled: it cannot be used.",
    "reissued": "Reissued: another coupon has taken its place.",
}
"""What is to be said of a coupon in each state."""
STYLE = """
@page { margin: 16mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #eceef1; color: #000; font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 46rem; margin: 2.5rem auto; padding: 2.5rem; background: #fff; border: 1px solid #c9cdd3; }
header { display: flex; gap: 1.75rem; align-items: center; }
header img { width: 12rem; height: auto; flex: none; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
.state { margin: 1.75rem 0 0; padding: .75rem 1rem; border: 3px solid #000; font-size: 1.15rem; font-weight: 700; }
.code { display: flex; gap: 1.75rem; align-items: center; justify-content: space-between; margin: 1.75rem 0;
  padding: 1.5rem 0; border: solid #000; border-width: 2px 0; }
.code p { margin: 0; min-width: 0; }
.code b { display: block; font: 700 2.25rem/1.25 ui-monospace, "DejaVu Sans Mono", monospace; letter-spacing: .06em;
  overflow-wrap: anywhere; }
.code b.long { font-size: 1.1rem; letter-spacing: 0; }
.code img { width: 11rem; height: auto; flex: none; image-rendering: pixelated; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 0; }
dt { color: #444; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) {
  main { margin: 0; padding: 1.25rem; border: 0; }
  header, .code { flex-direction: column; align-items: flex-start; }
}
@media print {
  body { background: none; font-size: 12pt; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  header, .code, .state, dl { break-inside: avoid; }
  header img { width: 60mm; }
  .code img { width: 48mm; }
  dt { color: #000; }
}
"""
LONG = 20
"""From how many letters on a code is written smaller."""


def show_image(visit: Visit, scene: Scene) -> Shown:
    """Draw the image of that name: any has one, as a deal may be named by a purchase and be gone."""
    return _picture(visit.args["image"])


def show_code(visit: Visit, scene: Scene) -> Shown:
    """Return the QR code of a coupon, which says its redemption code."""
    from mocktill.apis.deem.code import code_of

    key = visit.args["coupon_id"]
    return _code(code_of(key, look_up(scene.table("deem.coupons"), key, "coupon")))


def show_print(visit: Visit, scene: Scene) -> Shown:
    """Return a coupon as a page to print."""
    from mocktill.apis.deem.code import code_of

    key = visit.args["coupon_id"]
    row = look_up(scene.table("deem.coupons"), key, "coupon")
    purchase = scene.table("deem.purchases").get(row["purchase_id"]) or {}
    deal_id = purchase.get("deal_id", "")
    deal = scene.table("deem.deals").get(deal_id) or {}
    title = deal.get("title") or deal_id or "Coupon"
    code = code_of(key, row)
    said = STATES[coupon_state(row, scene.now())]
    state = f'<p class="state" role="status">{escape(said)}</p>' if said else ""
    name = "Redemption code" if row.get("redemption_code") else "Code"
    size = ' class="long"' if len(code) >= LONG else ""
    facts = "".join(f"<dt>{what}</dt><dd>{escape(value)}</dd>" for what, value in _facts(key, row, purchase, scene))
    body = f"""
<main>
<header>{_image(deal_id, deal)}<h1>{escape(title)}</h1></header>
{state}
<section class="code">
<p>{name}<b{size}>{escape(code)}</b></p>
<img src="{_code(code).inline}" alt="QR code that says {escape(code)}">
</section>
<dl>{facts}</dl>
</main>
"""
    return document(f"Coupon: {title}", body, STYLE)


def in_words(at: datetime) -> str:
    """Return an instant as people say it: `Tuesday, 1 January 2036, 00:00 UTC`."""
    return f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at.year:04}, {at.hour:02}:{at.minute:02} UTC"


def _picture(image: str) -> Shown:
    from mocktill.apis.deem.drawing import draw  # most requests see no image

    return Shown(draw(image.removeprefix("deals/").removesuffix("_medium.gif")), "image/gif")


def _code(said: str) -> Shown:
    from mocktill.apis.deem.code import picture

    return Shown(picture(said), "image/png")


def _image(deal_id: str, deal: Row) -> str:
    """Return the picture of a deal that the sandbox has; one on another host is not asked for."""
    own: str = deal.get("image_url") or f"deals/{deal_id}_medium.gif"
    return "" if "://" in own else f'<img src="{_picture(own).inline}" alt="" width="300" height="200">'


def _facts(key: str, row: Row, purchase: Row, scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield what is known of a coupon beside its code, each with its name."""
    user = row.get("user_id") or purchase.get("user_id")
    if user:
        person = scene.table("deem.users").get(user) or {}
        whole = " ".join(filter(None, (person.get("firstname"), person.get("lastname"))))
        yield "For", whole or person.get("name") or user
    expires_at, redeemed_at = row.get("expires_at"), row.get("redeemed_at")
    if expires_at:
        yield "Valid until", in_words(instant(expires_at))
    elif row.get("state") != "expired":
        yield "Expires", "never"
    if redeemed_at:
        yield "Redeemed on", in_words(instant(redeemed_at))
    yield "Coupon", key
    yield "Purchase", row["purchase_id"]


PAGES = (
    Page(f"{IMAGES}/{{+image}}", show_image, "The image of a deal"),
    Page("/coupon/qr_code/{+coupon_id}", show_code, "The QR code of a coupon"),
    Page("/coupons/{+coupon_id}/print", show_print, "A coupon to print"),
)
