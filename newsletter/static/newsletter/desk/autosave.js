// Forms marked data-autosave save a moment after the last key, one save at a time. Those marked data-keep are only kept.
import { baseOf, begin, changed, forget, keep, learn, valuesOf } from "./kept.js";
import { token } from "./token.js";

const PAUSE = 800, AGAIN = 5000; // ms
const timers = new WeakMap(), unanswered = new WeakMap(), saving = new WeakMap();
const WORDS = {
  400: "Not saved: this is too much text. It is kept in this browser.",
  401: "Not saved: you are signed out. Sign in again in another tab; your text is kept here and saved then.",
  403: "Not saved: it was refused. Sign in again in another tab; your text is kept here and saved then.",
};
let whenSaved = () => {};

function say(form, words, tone = "") {
  const output = form.querySelector("output");
  if (!output) return;
  output.textContent = words;
  output.className = tone;
}

function later(form, pause) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), pause));
}

// What an earlier save sent may have arrived though its answer did not: then it is no change of somebody else.
function bodyOf(form) {
  const body = new FormData(form);
  body.set("csrfmiddlewaretoken", token());
  for (const [name, text] of Object.entries(unanswered.get(form) ?? {})) body.set(`sent-${name}`, text);
  return body;
}

async function save(form) {
  if (!form.isConnected) return;
  if (saving.has(form)) return later(form, PAUSE);
  const done = exchange(form);
  saving.set(form, done);
  await done;
  saving.delete(form);
}

async function exchange(form) {
  const sent = valuesOf(form);
  let answer, said;
  try {
    answer = await fetch(form.action, { method: "POST", body: bodyOf(form), headers: { "X-Autosave": "1" } });
    said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
  } catch {
    unanswered.set(form, sent);
    say(form, "No connection. Your text is kept in this browser and saved when it is back.", "bad");
    return later(form, AGAIN);
  }
  if (said === null) {
    say(form, WORDS[answer.status] ?? "Not saved: something broke on our side. Your text is kept in this browser.", "bad");
    return answer.status === 400 ? undefined : later(form, AGAIN);
  }
  unanswered.delete(form);
  if (answer.status === 409) return both(form, said);
  if (!answer.ok) return say(form, said.fault, "bad");
  learn(form, sent, said.values, said.was);
  keep(form);
  if (changed(form).length) return later(form, PAUSE);
  say(form, `Saved ${new Date().toTimeString().slice(0, 5)}`);
  show(form);
  whenSaved();
}

// An entry above its form reads as it was saved; an emptied field falls back to the site's words when the page comes anew.
function show(form) {
  for (const [name, place] of [["headline", "h3"], ["dek", ".dek"]]) {
    const shown = form.closest("[data-item]")?.querySelector(place), words = form.elements[name]?.value;
    if (shown && words) (shown.querySelector("a") ?? shown).textContent = words;
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
    line.textContent = `Theirs, ${name.replace("_", " ")}: ${theirs || "(nothing)"}`;
    box.append(line);
  }
  const decide = (words, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => {
      for (const [name, digest] of Object.entries(said.was)) form.elements[`was-${name}`].value = digest;
      Object.assign(baseOf(form), said.theirs);
      act();
      box.remove();
      save(form);
    });
    box.append(button, " ");
  };
  decide("Keep mine", () => {});
  decide("Take theirs", () => { for (const [name, theirs] of Object.entries(said.theirs)) form.elements[name].value = theirs; });
  form.append(box);
  say(form, "");
}

const FORMS = "form[data-autosave], form[data-keep]";

function start(root) {
  const forms = [...root.querySelectorAll(FORMS)].concat(root.matches?.(FORMS) ? root : []);
  for (const form of forms.filter(begin)) {
    say(form, "Text that was not saved was put back.");
    if ("autosave" in form.dataset) later(form, PAUSE);
  }
}

// A button pressed while a save is under way waits for its answer, or it would meet its own text as somebody else's.
function waitForSave(event) {
  const form = event.target, button = event.submitter;
  clearTimeout(timers.get(form));
  if (!saving.has(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  saving.get(form).then(() => { clearTimeout(timers.get(form)); form.requestSubmit(button); });
}

export function watch(saved = () => {}) {
  whenSaved = saved;
  document.addEventListener("input", (event) => {
    const form = event.target.closest(FORMS);
    if (!form) return;
    keep(form);
    if (!("autosave" in form.dataset)) return;
    say(form, "…");
    later(form, PAUSE);
  });
  document.addEventListener("submit", waitForSave, true);
  // Its own button saved it: the page that comes back says so.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig?.elt;
    if (form?.matches?.(FORMS) && event.detail.xhr.status === 200) forget(form);
  });
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  start(document.documentElement);
}
