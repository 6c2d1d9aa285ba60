"""What a customer does in the shop, done in a real browser against a real server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

VIN = "2T1BURHE9FC123456"
COROLLA = "/?q=brake+pad&make=Toyota&model=Corolla&year=2015"


def verdicts(page: Page) -> list[str]:
    """The verdict of each card, in the order shown."""
    return [card.get_attribute("data-verdict") or "" for card in page.locator(".bands .card").all()]


def part_ids(page: Page) -> list[str]:
    """The part of each card, in the order shown."""
    return [card.get_attribute("data-part") or "" for card in page.locator(".bands .card").all()]


def wait_for_results(page: Page) -> None:
    """Until the list that was asked for last is there."""
    expect(page.locator(".results h1")).to_be_visible()
    expect(page.locator("#view")).not_to_have_attribute("aria-busy", "true")


def pick_corolla(page: Page) -> None:
    """Choose the Corolla of 2015 in the pickers."""
    page.locator("#pick-make").select_option("Toyota")
    page.locator("#pick-model").select_option("Corolla")
    page.locator("#pick-year").select_option("2015")
    page.get_by_role("button", name="Use this vehicle").click()


def test_a_vehicle_and_a_word_give_parts_that_fit(visit: Visit) -> None:
    """Picked car, typed word: pads that fit come first, and each says so."""
    page = visit.open()
    pick_corolla(page)
    expect(page.locator("#vehicle .present")).to_contain_text("2015 Toyota Corolla")
    page.get_by_role("combobox", name="Part name").fill("brake pad")
    page.get_by_role("button", name="Search", exact=True).click()
    wait_for_results(page)
    shown = verdicts(page)
    assert shown[0] == "fits"
    assert shown == sorted(shown, key=["fits", "universal", "needs_info"].index)
    expect(page.locator(".card .badge").first).to_have_text("Fits")
    assert visit.faults == []


def test_parts_of_another_car_are_not_shown_until_asked_for(visit: Visit) -> None:
    """The Ford's pads stay hidden for a Corolla; "show them too" brings them, with the reason."""
    page = visit.open(COROLLA)
    wait_for_results(page)
    expect(page.locator("[data-verdict=does_not_fit]")).to_have_count(0)
    page.get_by_role("button", name="Show them too").click()
    wait_for_results(page)
    page.get_by_role("button", name="Show more").click()
    ford = page.locator("[data-part='BREMO:P-101']")
    expect(ford.locator(".badge")).to_have_text("Does not fit")
    ford.get_by_text("Why not?").click()
    expect(ford.locator(".reason")).to_contain_text("Focus")


def test_every_kind_of_condition_reads_well(visit: Visit) -> None:
    """Any-of, exception, build date, condition note and hint are all there when the reasons are unfolded."""
    page = visit.open(COROLLA.replace("brake+pad", "P-104"))
    card = page.locator("[data-part='ACME:P-104']")
    card.get_by_text("Why?").click()
    for words in ("asks for FWD, AWD", "not with trim Sport", "from 2014-03", "“with ADVICS caliper”", "wear sensor"):
        expect(card.locator(".why")).to_contain_text(words)
    card.locator(".title").click()
    expect(page.get_by_role("dialog")).to_contain_text("Fits these vehicles")
    assert visit.faults == []


def test_one_answer_settles_an_open_part(visit: Visit) -> None:
    """The clarifying question's button turns "one more answer needed" into "fits"; taking the answer back undoes it."""
    page = visit.open(COROLLA.replace("brake+pad", "P-100"))
    card = page.locator("[data-part='ACME:P-100']")
    expect(card.locator(".badge")).to_have_text("One more answer needed")
    card.locator(".choice", has_text="1ZR-FE").click()
    expect(card.locator(".badge")).to_have_text("Fits")
    page.get_by_role("button", name=re.compile("Forget this answer")).click()
    expect(card.locator(".badge")).to_have_text("One more answer needed")


def test_dont_know_is_not_asked_again(visit: Visit) -> None:
    """ "I don't know" leaves the verdict open and takes the question away."""
    page = visit.open(COROLLA.replace("brake+pad", "P-100"))
    card = page.locator("[data-part='ACME:P-100']")
    card.get_by_role("button", name="I don't know").click()
    expect(page.locator("#vehicle .chip")).to_contain_text("Not sure")
    expect(card.locator(".badge")).to_have_text("One more answer needed")
    expect(page.locator(".question")).to_have_count(0)


def test_a_vin_finds_the_vehicle_and_stays_out_of_every_address(visit: Visit) -> None:
    """The VIN goes to the service in bodies only; the bar names the car it belongs to."""
    page = visit.open()
    page.get_by_role("tab", name="By VIN").click()
    page.get_by_label("VIN, 17 characters").fill(VIN)
    page.get_by_role("button", name="Check VIN").click()
    expect(page.locator("#vehicle .present")).to_contain_text("2015 Toyota Corolla")
    page.get_by_role("combobox", name="Part name").fill("brake pad")
    page.keyboard.press("Enter")
    wait_for_results(page)
    assert verdicts(page)[0] == "fits"
    assert not [url for url in visit.requests if VIN.lower() in url.lower()]
    assert VIN not in page.url


def test_a_link_may_bring_words_language_and_a_vin(visit: Visit) -> None:
    """The links of `partfit demo`: the VIN behind the "#" becomes the vehicle, and no server gets it in an address."""
    page = visit.open(f"/?q=brake+pad&lang=zh#vin={VIN}")
    wait_for_results(page)
    expect(page.locator("#vehicle .present")).to_contain_text("卡罗拉")
    assert verdicts(page)[0] == "fits"
    assert "vin" not in page.url
    assert "lang" not in page.url
    assert not [url for url in visit.requests if VIN in url.partition("#")[0]]
    assert visit.faults == []


def test_a_vin_in_the_search_box_is_taken_as_a_vehicle(visit: Visit) -> None:
    """A VIN typed where words belong is decoded, and never becomes part of an address."""
    page = visit.open()
    page.get_by_role("combobox", name="Part name").fill(VIN)
    page.keyboard.press("Enter")
    expect(page.locator("#vehicle .present")).to_contain_text("Toyota Corolla")
    assert not [url for url in visit.requests if VIN.lower() in url.lower()]


def test_a_wrong_vin_is_explained(visit: Visit) -> None:
    """A VIN with a letter that no VIN has is refused with the reason, and no vehicle is set."""
    page = visit.open()
    page.get_by_role("tab", name="By VIN").click()
    page.get_by_label("VIN, 17 characters").fill("2T1BURHE9FC12345O")
    page.get_by_role("button", name="Check VIN").click()
    expect(page.locator(".vin-answer")).to_contain_text("This VIN has a mistake")
    expect(page.locator(".vin-answer li").first).to_be_visible()
    expect(page.locator("#vehicle .present")).to_have_count(0)


def test_the_garage_is_remembered(visit: Visit) -> None:
    """A chosen car is still there after the page is loaded again."""
    page = visit.open()
    pick_corolla(page)
    expect(page.locator("#vehicle .present")).to_be_visible()
    page.reload()
    expect(page.locator("#vehicle .present")).to_contain_text("2015 Toyota Corolla")


def test_the_language_is_remembered(visit: Visit) -> None:
    """Switching to Chinese changes words, titles and the document's language, and holds after a reload."""
    page = visit.open("/?q=brake+pad")
    wait_for_results(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".card .title").first).to_contain_text("刹车片")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".card .button").first).to_contain_text("加入购物车")


def test_a_facet_narrows_and_back_restores(visit: Visit) -> None:
    """Ticking a brand leaves its parts only; the browser's back button undoes it."""
    page = visit.open(COROLLA)
    wait_for_results(page)
    before = page.locator(".results h1").inner_text()
    page.locator(".facet", has_text="Brand").get_by_role("checkbox", name="BREMO").check()
    expect(page).to_have_url(re.compile(r"filter\.brand=BREMO"))
    expect(page.locator(".results h1")).not_to_have_text(before)
    assert all(part_id.startswith("BREMO:") for part_id in part_ids(page))
    page.go_back()
    expect(page.locator(".results h1")).to_have_text(before)


def test_show_more_goes_on_without_repeats(visit: Visit) -> None:
    """The second page follows the first, and no part comes twice."""
    page = visit.open(COROLLA)
    wait_for_results(page)
    first = part_ids(page)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".bands .card").nth(len(first))).to_be_visible()
    both = part_ids(page)
    assert both[: len(first)] == first
    assert len(set(both)) == len(both)


def test_catalogue_text_is_never_markup(visit: Visit) -> None:
    """A title with an image tag and a handler is shown as its characters and runs nothing."""
    page = visit.open(COROLLA.replace("brake+pad", "P-103"))
    expect(page.locator("[data-part='BREMO:P-103'] .title")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".title img").count() == 0
    assert visit.faults == []


def test_clicks_and_carts_are_accepted_as_events(visit: Visit) -> None:
    """Impressions, a click and an add-to-cart reach the service, which accepts every one of them."""
    page = visit.open(COROLLA)
    wait_for_results(page)
    sent: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []

    def keep(response: Any) -> None:
        if response.url.endswith("/v1/events"):
            sent.extend(json.loads(response.request.post_data))
            answers.append(response.json())

    page.on("response", keep)
    page.locator(".card .title").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart .count")).to_have_text("1")
    page.wait_for_timeout(2_000)
    assert {"impression", "click", "add_to_cart"} <= {event["action_name"] for event in sent}
    assert all(answer["rejected"] == [] for answer in answers)
    assert sum(answer["accepted"] for answer in answers) == len(sent)


def test_personal_order_off_sends_no_events(visit: Visit) -> None:
    """Who switches personal order off is not followed."""
    page = visit.open()
    page.get_by_label("Personal order").uncheck()
    page.goto(visit.address + COROLLA)
    wait_for_results(page)
    visit.requests.clear()
    page.locator(".card .title").first.click()
    page.wait_for_timeout(2_000)
    assert not [url for url in visit.requests if url.endswith("/v1/events")]


def test_suggestions_work_by_keyboard(visit: Visit) -> None:
    """Typing opens the list, arrow and Enter choose from it, Escape closes it."""
    page = visit.open()
    box = page.get_by_role("combobox", name="Part name")
    box.press_sequentially("brake")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press_sequentially(" ")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    box.press("Enter")
    wait_for_results(page)


def test_a_lost_connection_is_said_and_can_be_retried(visit: Visit) -> None:
    """Without a network the page says so in words, and "try again" goes on once it is back."""
    page = visit.open("/?q=brake+pad")
    wait_for_results(page)
    page.context.set_offline(True)
    page.get_by_role("combobox", name="Part name").fill("P-100")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    wait_for_results(page)


def test_nothing_found_says_what_to_do(visit: Visit) -> None:
    """A word that is nowhere gives an empty result with advice, not a blank page."""
    page = visit.open("/?q=qqxxzzqqxx")
    expect(page.locator(".nothing")).to_contain_text("Nothing found")


def test_every_control_has_a_name(visit: Visit) -> None:
    """Each button, field and select of the results page has an accessible name."""
    page = visit.open(COROLLA)
    wait_for_results(page)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select")]
          .filter((e) => e.checkVisibility() && !(e.ariaLabel || e.textContent.trim() || e.labels?.length))
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize("path", ["/", COROLLA])
def test_the_phone_page_fits_its_screen(phone_visit: Visit, path: str) -> None:
    """On a phone nothing is wider than the screen, and the page greets in Chinese."""
    page = phone_visit.open(path)
    expect(page.locator(".home, .results").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert phone_visit.faults == []


def test_filters_open_on_a_phone(phone_visit: Visit) -> None:
    """The filters are folded away on a phone, open with their button, and narrow the list."""
    page = phone_visit.open(COROLLA)
    wait_for_results(page)
    box = page.get_by_role("checkbox", name="BREMO", include_hidden=True)
    expect(box).to_be_hidden()
    page.get_by_role("button", name="筛选").tap()
    box.check()
    expect(page.locator(".chips .chip.on", has_text="BREMO")).to_be_visible()


def test_the_page_loads_nothing_from_elsewhere(visit: Visit) -> None:
    """Every request of the page goes to the shop itself, under a policy that allows no other scripts."""
    page = visit.open()
    expect(page.locator(".home")).to_be_visible()
    assert {url.split("/")[2] for url in visit.requests} == {visit.address.split("/")[2]}
    response = page.request.get(visit.address + "/")
    assert "script-src 'self'" in response.headers["content-security-policy"]
