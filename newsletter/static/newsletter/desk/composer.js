// The composer: saves by itself, drags, listens to keys, and keeps the preview fresh. Without it all forms still work.
import { watch } from "./autosave.js";
import { listen as listenToDrags } from "./drag.js";
import { listen as listenToKeys } from "./keys.js";

let waiting = 0;

// A moment after the last change: rendering a mail takes the server some 50 ms.
function refresh() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const frame = document.getElementById("preview");
    if (frame) frame.src = frame.src;
  }, 400);
}

// A form that its button saved is closed; others stay open with what was typed in them (hx-preserve).
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  const box = form?.closest?.(".editing");
  if (box && form.matches("form") && event.detail.xhr.status === 200) box.replaceChildren();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "work" || event.target.id === "work") refresh();
  if (event.target.matches?.(".editing")) event.target.querySelector("input:not([type=hidden])")?.focus();
});

// A jump from the checks to the words opens them.
if (location.hash === "#words") document.getElementById("words")?.parentElement.setAttribute("open", "");

watch(refresh);
listenToDrags();
listenToKeys();
