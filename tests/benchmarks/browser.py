"""The page in a browser: how long a move of a slider takes, from the hand's event to the laid-out answer."""

import shutil
from pathlib import Path

_DRAG = """
const found = [];
for (const details of document.querySelectorAll("details")) details.open = true;
for (const each of document.querySelectorAll(".what-if-root input[type=range]")) {
  const { id, min, max } = each;
  for (let step = 0; step <= 10; step++) {
    const input = document.getElementById(id);
    if (!input) break;
    const start = performance.now();
    input.value = Number(min) + ((Number(max) - Number(min)) * step) / 10;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    found.push(performance.now() - start);
  }
}
return found.sort((one, other) => one - other);
"""


def time_sliders(page: Path) -> dict[str, float]:
    """Milliseconds of a move, over every slider of the page at eleven places each; nothing without a browser."""
    driver = shutil.which("chromedriver")
    if driver is None:
        return {}
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(option)
    with webdriver.Chrome(options=options, service=Service(driver)) as browser:
        browser.get(page.as_uri())
        browser.execute_script(_DRAG)  # what is compiled and kept at the first move
        found: list[float] = browser.execute_script(_DRAG)
    return {"median": found[len(found) // 2], "of twenty, one takes": found[len(found) * 19 // 20], "moves": len(found)}
