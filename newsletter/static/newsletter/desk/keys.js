// Keys for an entry that has the focus, and only then: a single letter pressed elsewhere does nothing (WCAG 2.1.4).
const press = (entry, what) => document.getElementById(`${what}-${entry.dataset.item}`)?.click();

function go(entry, steps) {
  const all = [...document.querySelectorAll("[data-item]")];
  all[all.indexOf(entry) + steps]?.focus();
}

const KEYS = {
  j: (entry) => go(entry, 1),
  k: (entry) => go(entry, -1),
  "Alt+ArrowUp": (entry) => press(entry, "up"),
  "Alt+ArrowDown": (entry) => press(entry, "down"),
  e: (entry) => press(entry, "open"),
  d: (entry) => press(entry, "drop"),
  u: () => document.getElementById("undo")?.click(),
};

// The page is renewed after a move: the entry keeps the focus that it had.
let focused = null;

export function listen() {
  document.addEventListener("keydown", (event) => {
    const entry = event.target;
    if (!entry.matches?.("[data-item]") || event.ctrlKey || event.metaKey) return;
    const act = KEYS[(event.altKey ? "Alt+" : "") + event.key];
    if (!act) return;
    event.preventDefault();
    focused = entry.id;
    act(entry);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
    focused = null;
  });
}
