// The one dialog of the page, and the words for screen readers.

import { $, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

/** Say something to those who cannot see the page change. */
export function announce(text) {
  $("status").textContent = text;
}

export const closeSheet = () => $("sheet").close();

/** Show `content` in the dialog, under a title. Escape and a click beside it close it. */
export function openSheet(title, ...content) {
  const sheet = $("sheet");
  fill(
    sheet,
    h(
      "div",
      { class: "sheet-body" },
      h(
        "header",
        null,
        h("h2", { id: "sheet-title" }, title),
        h("button", { class: "quiet", type: "button", "aria-label": t("close"), on: { click: closeSheet } }, icon("cross")),
      ),
      content,
    ),
  );
  sheet.setAttribute("aria-labelledby", "sheet-title");
  if (!sheet.open) sheet.showModal();
  return sheet;
}

export function prepareSheet() {
  $("sheet").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) closeSheet();
  });
}
