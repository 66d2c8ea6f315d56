"""What happens without a request, in the sandbox of a test: in this process and on a server."""

from __future__ import annotations

import pytest

import mocktill


@pytest.mark.parametrize("afar", [False, True], ids=["here", "on a server"])
def test_an_act_happens(url: str, afar: bool) -> None:
    """It returns a sentence and changes a row; what there is not and what is impossible raise in words."""
    with mocktill.sandbox(url=url) if afar else mocktill.sandbox() as box:
        assert "123" in box.act("kajabi.pay_instalment", "123")
        assert box.state()["tables"]["kajabi.purchases"]["123"]["multipay_payments_made"] == 2
        with pytest.raises(KeyError, match="did you mean"):
            box.act("kajabi.pay_instalments", "123")
        with pytest.raises(ValueError, match="201"):
            box.act("kajabi.pay_instalment", "201")
