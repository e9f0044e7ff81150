"""Opens pages in Chromium at several widths, checks that all of them can be seen, and keeps screenshots."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTHS = {"phone": 390, "desktop": 1280}
HEIGHT = 844
TIMEOUT_SECONDS = "120"

# Runs in the page and returns a list of sentences, one for each problem.
CHECKS = """
(width) => {
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  const problems = [];
  const name = element => element.tagName.toLowerCase() + ' "' + element.textContent.trim().slice(0, 40) + '"';
  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.querySelectorAll('body *')].filter(element =>
      element.getBoundingClientRect().right > width + 1 && !element.closest('.table, .stacked figure'));
    problems.push(`is ${document.documentElement.scrollWidth} pixels wide: ` + wide.slice(0, 3).map(name).join(', '));
  }
  for (const image of document.images) {
    if (!image.complete || image.naturalWidth === 0) {
      problems.push('has a picture that is not loaded: ' + image.alt);
    }
  }
  for (const table of document.querySelectorAll('table')) {
    const box = table.parentElement;
    box.scrollLeft = table.scrollWidth;
    const reached = table.getBoundingClientRect().right <= box.getBoundingClientRect().right + 1;
    if (!reached || box.getBoundingClientRect().right > width + 1) {
      problems.push('has a table that cannot be scrolled to its end: ' + name(table));
    }
    box.scrollLeft = 0;
  }
  return problems;
}
"""

# The suite itself is wrong if it finds nothing here.
BROKEN = """<!DOCTYPE html><body style="margin:0"><img alt="missing" src="missing.png">
<div style="overflow:hidden"><table><tr><td style="min-width:3000px">wide</td></tr></table></div>
<p style="width:2000px">wide</p><script>console.error("an error")</script>"""
BROKEN_PROBLEMS = 4


class Browser:
    """Headless Chromium, driven by the DevTools protocol through a pair of pipes."""

    def __init__(self, profile):
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def connect():  # Chromium reads from descriptor 3 and writes to 4.
            inward, outward = os.dup(to_browser), os.dup(from_browser)
            os.dup2(inward, 3)
            os.dup2(outward, 4)

        command = ["timeout", TIMEOUT_SECONDS, "chromium", "--headless", "--remote-debugging-pipe", "--disable-gpu"]
        command += ["--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
        command += ["--no-sandbox"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            command, preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.events = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.input, 1 << 16)
            if not piece:
                raise RuntimeError("Chromium ended before its answer.")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if hasattr(self, "session"):
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        while True:
            message = self.read()
            if message.get("id") != self.number:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            else:
                return message["result"]

    def open(self, url, width):
        """Loads a page and returns what the browser said meanwhile: errors, and requests to other places."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=HEIGHT, deviceScaleFactor=1,
                 mobile=width < 600 and url.endswith(".html"))
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())

    def said(self):
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                yield "throws: " + params["exceptionDetails"]["text"]
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                yield "logs: " + str(params["args"][0].get("value"))
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                yield "logs: " + params["entry"]["text"]
            elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("data:", "file:")):
                yield "loads " + params["request"]["url"]

    def check(self, url, width):
        self.open(url, width)
        answer = self.ask("Runtime.evaluate", expression=f"({CHECKS})({width})", returnByValue=True)
        return answer["result"]["value"] + list(self.said())

    def screenshot(self, file):
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        png = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        file.write_bytes(base64.b64decode(png))

    def close(self):
        self.ask("Browser.close")
        self.process.wait()


def main(output, files):
    failed = 0
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        broken = Path(profile, "broken.html")
        broken.write_text(BROKEN)
        found = browser.check(broken.as_uri(), WIDTHS["phone"])
        if len(found) < BROKEN_PROBLEMS:
            sys.exit(f"The checks find only {found} on a broken page: expected {BROKEN_PROBLEMS} problems.")
        for file in files:
            for device, width in WIDTHS.items():
                problems = browser.check(file.resolve().as_uri(), width)
                browser.screenshot(output / f"{file.parent.name}-{file.stem}-{device}.png")
                for problem in problems:
                    print(f"{file} at {width} pixels {problem}", file=sys.stderr)
                failed += len(problems)
        browser.close()
    print(f"{len(files)} pages and plots at {len(WIDTHS)} widths: {failed} problems; screenshots in {output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
