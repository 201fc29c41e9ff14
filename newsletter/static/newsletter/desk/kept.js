// Text that the server does not have yet stays in this browser: only the fields that were changed, each with the
// digest of what it was changed from, so that a colleague's newer text is not written over by it.
const bases = new WeakMap(); // what the fields of a form said when the server last told

export const keyOf = (form) => `desk:${new URL(form.action).pathname}${form.elements.kind ? `#${form.elements.kind.value}` : ""}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");
export const valuesOf = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
export const baseOf = (form) => bases.get(form) ?? {};

export function changed(form) {
  const base = baseOf(form);
  return Object.entries(valuesOf(form)).filter(([name, text]) => text !== base[name]);
}

export function keep(form) {
  const texts = changed(form).map(([name, text]) => [name, { text, was: form.elements[`was-${name}`]?.value }]);
  try {
    if (texts.length) localStorage.setItem(keyOf(form), JSON.stringify(Object.fromEntries(texts)));
    else forget(form);
  } catch { /* a browser that keeps nothing: the text is still in the field */ }
}

export const forget = (form) => localStorage.removeItem(keyOf(form));

// Remember what a form says, once, and put back what was kept of it. True if something was.
export function begin(form) {
  if (bases.has(form)) return false;
  const saves = "autosave" in form.dataset;
  bases.set(form, saves ? valuesOf(form) : {});
  let back = false;
  for (const [name, kept] of Object.entries(JSON.parse(localStorage.getItem(keyOf(form)) ?? "{}"))) {
    const field = form.elements[name], was = form.elements[`was-${name}`];
    if (!field || kept.text === undefined || field.value === kept.text) continue;
    field.value = kept.text;
    if (was && kept.was) was.value = kept.was;
    back = true;
  }
  if (back) form.closest("details")?.setAttribute("open", "");
  else if (saves) forget(form);
  return back;
}

// What the server says after a save that sent `sent`. What was typed since stays, as a change from what was sent.
export function learn(form, sent, values, was) {
  const base = baseOf(form);
  for (const [name, text] of Object.entries(values)) {
    const field = form.elements[name], mine = sent[name] !== base[name];
    if (!field) continue;
    const untouched = field.value === sent[name];
    if (!untouched && !mine) continue; // theirs is new and so is mine: the next save finds that out
    if (untouched && !(mine && field === document.activeElement)) field.value = text;
    base[name] = untouched ? field.value : sent[name];
    const digest = form.elements[`was-${name}`];
    if (digest) digest.value = was[name];
  }
}
