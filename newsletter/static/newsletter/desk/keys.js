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

// The page is renewed after a move: the entry keeps the focus that it had, and one that was dropped leaves it to its
// neighbour.
let focused = [];

function around(entry) {
  const all = [...document.querySelectorAll("[data-item]")], at = all.indexOf(entry);
  return [entry, all[at + 1], all[at - 1]].filter(Boolean).map((each) => each.id);
}

export function listen() {
  document.addEventListener("keydown", (event) => {
    const entry = event.target;
    if (!entry.matches?.("[data-item]") || event.ctrlKey || event.metaKey) return;
    const act = KEYS[(event.altKey ? "Alt+" : "") + event.key];
    if (!act) return;
    event.preventDefault();
    focused = around(entry);
    act(entry);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const next = focused.map((id) => document.getElementById(id)).find(Boolean);
    if (document.activeElement === document.body) next?.focus();
    focused = [];
  });
}
