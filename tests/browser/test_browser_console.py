"""What a merchandiser does in the console, done in a real browser against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ADMIN_KEY

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLAIN = "rules: []\n"
HIDING = "rules:\n- {id: hide-grease, effects: [{effect: hide, items: {part_ids: ['ACME:P-102']}}]}\n"
FAULTY = "rules:\n- {id: x, effects: [{effect: hide, itmes: {}}]}\n"


def connect(page: Page, key: str = ADMIN_KEY) -> None:
    """Type the admin key."""
    page.get_by_label("Admin key").fill(key)
    page.get_by_role("button", name="Connect").click()


def publish(page: Page, text: str) -> None:
    """Put a policy text into force."""
    page.get_by_label("Policy text").fill(text)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is in service")


def found(visit: Visit, text: str) -> int:
    """How many parts a search finds now."""
    answer = visit.page.request.get(f"{visit.address}/v1/search", params={"q": text})
    return int(answer.json()["total"])


def test_the_console_says_what_is_in_service(visit: Visit) -> None:
    """Without a key the versions that answer searches are shown, and nothing of the admin's."""
    page = visit.open("/console")
    expect(page.locator("#service dd").first).to_contain_text("g2")
    expect(page.locator("#admin")).to_be_hidden()
    assert visit.faults == []


def test_a_wrong_key_is_refused(visit: Visit) -> None:
    """A wrong admin key opens nothing, and is forgotten."""
    page = visit.open("/console")
    connect(page, "not-the-key")
    expect(page.get_by_role("status")).to_have_text("The key was refused.")
    expect(page.locator("#admin")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('partfit.admin')") is None


def test_a_rule_is_published_and_taken_back(visit: Visit) -> None:
    """Publishing a hiding rule takes the part out of the shop at once; rolling back brings it back."""
    page = visit.open("/console")
    connect(page)
    page.on("dialog", lambda dialog: dialog.accept())
    publish(page, PLAIN)
    assert found(visit, "P-102") == 1
    publish(page, HIDING)
    assert found(visit, "P-102") == 0
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_label("Policy text")).to_have_value(PLAIN)
    assert found(visit, "P-102") == 1


def test_a_faulty_policy_is_refused_with_its_place(visit: Visit) -> None:
    """A misspelt key is named with its path and line, and nothing is published."""
    page = visit.open("/console")
    connect(page)
    expect(page.get_by_label("Policy text")).to_be_visible()
    in_service = page.locator("#service dd").nth(1).inner_text()
    page.get_by_label("Policy text").fill(FAULTY)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".finding").first).to_contain_text("itmes")
    page.reload()
    expect(page.locator("#service dd").nth(1)).to_have_text(in_service)


def test_searches_that_found_nothing_are_listed(visit: Visit) -> None:
    """A search without a result turns up in the list, as it was typed."""
    assert found(visit, "flux capacitor 1985") == 0
    page = visit.open("/console")
    connect(page)
    row = page.locator("#zero tr", has_text="flux capacitor 1985")
    for _ in range(20):  # queries are logged behind the answer
        if row.count():
            break
        page.wait_for_timeout(250)
        page.reload()
        expect(page.locator("#admin")).to_be_visible()
    expect(row).to_be_visible()
