// Drag entries to other places, and collected stories into the edition. The same is done by buttons and selects.
import { token } from "./token.js";

let dragged = null;

const placeFor = (event) => event.target.closest?.("[data-section]");

// The entry before which it would be dropped; null is the end of the section.
function following(section, y) {
  const entries = [...section.querySelectorAll(":scope > [data-item]")].filter((entry) => entry !== dragged);
  return entries.find((entry) => {
    const box = entry.getBoundingClientRect();
    return y < box.top + box.height / 2;
  }) ?? null;
}

function unmark() {
  document.querySelectorAll(".drop-before, .drop-end").forEach((each) => each.classList.remove("drop-before", "drop-end"));
}

function drop(section, before) {
  const entries = [...section.querySelectorAll(":scope > [data-item]")].filter((entry) => entry !== dragged);
  const position = before ? entries.indexOf(before) + 1 : entries.length + 1;
  const csrfmiddlewaretoken = token();
  window.htmx.ajax("POST", dragged.querySelector("form").action, {
    source: "#work", target: "#work", select: "#work", swap: "outerHTML show:none",
    values: { csrfmiddlewaretoken, section: section.dataset.section, position },
  });
}

export function listen() {
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[draggable=true]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const section = dragged && placeFor(event);
    unmark();
    if (!section) return;
    event.preventDefault();
    const before = following(section, event.clientY);
    (before ?? section).classList.add(before ? "drop-before" : "drop-end");
  });
  document.addEventListener("drop", (event) => {
    const section = dragged && placeFor(event);
    if (!section) return;
    event.preventDefault();
    drop(section, following(section, event.clientY));
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    unmark();
  });
}
