"""What a merchandiser does in the console, done in a real browser against a real server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ADMIN_KEY

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLAIN = "rules: []\n"
HIDING = "rules:\n- {id: hide-grease, effects: [{effect: hide, items: {part_ids: ['ACME:P-102']}}]}\n"
BOOSTING = "rules:\n- {id: pin-28, effects: [{effect: pin, part_ids: ['ACME:P-28'], position: 1}]}\n"
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


def test_a_draft_is_previewed_before_it_is_published(visit: Visit) -> None:
    """The preview shows the draft's order with the rule that made it; the shop goes on as it was."""
    page = visit.open("/console")
    connect(page)
    page.get_by_label("Policy text").fill(BOOSTING)
    page.get_by_label("Search words").fill("brake pad")
    page.get_by_role("button", name="Preview").click()
    first = page.locator("#trial tbody tr").first
    expect(first).to_have_attribute("data-part", "ACME:P-28")
    expect(first).to_contain_text("pin-28")
    expect(page.locator("#trial")).to_contain_text("differ from what is in service")
    answer = visit.page.request.get(f"{visit.address}/v1/search", params={"q": "brake pad", "size": 1})
    assert answer.json()["items"][0]["part_id"] != "ACME:P-28"
    assert visit.faults == []


def test_the_console_says_why_a_part_is_not_there(visit: Visit) -> None:
    """A Ford's pads in a search for a Corolla: the stage that left them out is named."""
    page = visit.open("/console")
    connect(page)
    for label, value in {"Search words": "brake pad", "Make": "Toyota", "Model": "Corolla", "Year": "2015"}.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Part id").fill("BREMO:P-101")
    page.get_by_role("button", name="Why is it (not) there?").click()
    expect(page.locator("#trial")).to_contain_text("its verdict is not shown for this vehicle")


def test_the_logged_searches_are_replayed(visit: Visit) -> None:
    """Replaying a hiding rule says how many searches change, and that no verdict band broke."""
    assert found(visit, "P-104") == 1
    page = visit.open("/console")
    connect(page)
    page.get_by_label("Policy text").fill(BOOSTING)
    for _ in range(20):  # queries are logged behind the answer
        page.get_by_role("button", name="Replay the log's searches").click()
        expect(page.locator("#trial")).to_contain_text(re.compile("replayed|No searches"))
        if page.locator("#trial dl").count():
            break
        page.wait_for_timeout(250)
    violations = page.locator("#trial dl div", has_text="Out of their verdict band")
    expect(violations.locator("dd")).to_have_text("0")


def test_the_data_report_is_shown(visit: Visit) -> None:
    """What was read, and each kind of finding in words."""
    page = visit.open("/console")
    connect(page)
    page.locator("#show-quality").click()
    expect(page.locator("#quality tr", has_text="applications")).to_be_visible()
    assert visit.faults == []
