// Forms marked data-autosave save a moment after the last key. Text that could not be saved stays in this browser.
const PAUSE = 800, AGAIN = 5000; // ms
const timers = new WeakMap();
let whenSaved = () => {};

const keyOf = (form) => `desk:${new URL(form.action).pathname}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");
const valuesOf = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));

function say(form, words, tone = "") {
  const output = form.querySelector("output");
  output.textContent = words;
  output.className = tone;
}

function keep(form) {
  try {
    localStorage.setItem(keyOf(form), JSON.stringify(valuesOf(form)));
  } catch { /* a browser that keeps nothing: the text is still in the field */ }
}

function later(form, pause) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), pause));
}

async function save(form) {
  const sent = JSON.stringify(valuesOf(form));
  let answer, said;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
    said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
  } catch {
    say(form, "No connection. Your text is kept in this browser and saved when it is back.", "bad");
    return later(form, AGAIN);
  }
  if (said === null) return say(form, "Not saved: sign in again in another tab. Your text is kept in this browser.", "bad");
  if (answer.status === 409) return both(form, said);
  if (!answer.ok) return say(form, said.fault, "bad");
  update(form, said.was);
  if (JSON.stringify(valuesOf(form)) !== sent) return later(form, PAUSE);
  localStorage.removeItem(keyOf(form));
  say(form, `Saved ${new Date().toTimeString().slice(0, 5)}`);
  whenSaved();
}

function update(form, was) {
  for (const [name, digest] of Object.entries(was)) {
    const field = form.elements[`was-${name}`];
    if (field) field.value = digest;
  }
}

// Two people changed one field: show both, and let the one who is here decide.
function both(form, said) {
  form.querySelector(".both")?.remove();
  const box = document.createElement("div");
  box.className = "both notice error";
  box.setAttribute("role", "alert");
  const title = document.createElement("p");
  title.textContent = `${said.who} changed this too. Nothing of yours was saved yet.`;
  box.append(title);
  for (const [name, theirs] of Object.entries(said.theirs)) {
    const line = document.createElement("p");
    line.textContent = `Theirs, ${name}: ${theirs || "(nothing)"}`;
    box.append(line);
  }
  const decide = (words, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => { update(form, said.was); act(); box.remove(); save(form); });
    box.append(button, " ");
  };
  decide("Keep mine", () => {});
  decide("Take theirs", () => { for (const [name, theirs] of Object.entries(said.theirs)) form.elements[name].value = theirs; });
  form.append(box);
  say(form, "");
}

function putBack(form) {
  const kept = localStorage.getItem(keyOf(form));
  if (!kept || kept === JSON.stringify(valuesOf(form))) return localStorage.removeItem(keyOf(form));
  for (const [name, value] of Object.entries(JSON.parse(kept))) if (form.elements[name]) form.elements[name].value = value;
  form.closest("details")?.setAttribute("open", "");
  say(form, "Text that was not saved was put back.");
  later(form, PAUSE);
}

export function watch(saved) {
  whenSaved = saved;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave]");
    if (!form) return;
    keep(form);
    say(form, "…");
    later(form, PAUSE);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosave]")) return;
    clearTimeout(timers.get(event.target));
  });
  // Its own button saved it: the page that comes back says so.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form && event.detail.successful) localStorage.removeItem(keyOf(form));
  });
  const all = () => document.querySelectorAll("form[data-autosave]").forEach(putBack);
  all();
}
