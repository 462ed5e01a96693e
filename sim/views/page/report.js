"use strict";
// The report: language switch, scenario choice, and tables saved as CSV.
(() => {
  const page = document.documentElement;

  /** Show one language: spans by style, attributes and options by the words they carry. */
  function choose(lang) {
    page.dataset.lang = lang;
    page.lang = lang === "zh" ? "zh-CN" : "en";
    for (const name of ["title", "aria-label"])
      for (const element of document.querySelectorAll(`[data-${name}-${lang}]`))
        element.setAttribute(name, element.getAttribute(`data-${name}-${lang}`));
    for (const element of document.querySelectorAll(`[data-text-${lang}]`))
      element.textContent = element.getAttribute(`data-text-${lang}`);
    for (const button of document.querySelectorAll("[data-choose]"))
      button.setAttribute("aria-pressed", String(button.dataset.choose === lang));
    document.dispatchEvent(new CustomEvent("sim:language", { detail: lang }));
  }

  const buttons = document.querySelectorAll("[data-choose]");
  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.choose));
  if (buttons.length) {
    const asked = new URLSearchParams(location.search).get("lang");
    const wanted = asked ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
    if (["en", "zh"].includes(wanted) && wanted !== page.dataset.lang) choose(wanted);
  }

  for (const select of document.querySelectorAll("select[data-shows]")) {
    const show = () => {
      for (const element of document.querySelectorAll(`[data-shown="${select.dataset.shows}"]`))
        element.hidden = element.dataset.value !== select.value;
    };
    select.addEventListener("change", show);
    show();
  }

  /** Mark the tables that go on beyond the edge of the screen. */
  function cue() {
    for (const box of document.querySelectorAll(".scroll")) box.toggleAttribute("data-more", box.scrollWidth > box.clientWidth + 1);
  }
  addEventListener("resize", cue);
  document.addEventListener("sim:language", cue);
  for (const select of document.querySelectorAll("select[data-shows]")) select.addEventListener("change", cue);
  cue();

  /** A table as spreadsheets open it with its Chinese intact. */
  function save(button) {
    const text = JSON.parse(document.getElementById(`table-${button.dataset.table}`).textContent);
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = button.dataset.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
  for (const button of document.querySelectorAll("button.save")) button.addEventListener("click", () => save(button));

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();
