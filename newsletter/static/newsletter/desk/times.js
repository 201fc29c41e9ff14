// Beside a time of the newsletter's zone: the reader's own, where it is another, and how long until then.
const MINUTE = 60_000;

function own(moment) {
  return new Intl.DateTimeFormat("en", { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false }).format(moment);
}

function left(moment) {
  const minutes = Math.round((moment - Date.now()) / MINUTE);
  if (minutes < 1) return minutes > -2 ? "now" : "";
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
  if (days) return `in ${days} d ${hours} h`;
  return hours ? `in ${hours} h ${minutes % 60} min` : `in ${minutes} min`;
}

function tell(time) {
  const moment = new Date(time.dateTime);
  const there = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const words = [];
  if ("left" in time.dataset) words.push(left(moment));
  if (there && there !== time.dataset.zone) words.push(`${own(moment)} your time`);
  let note = time.nextElementSibling;
  if (!note?.classList.contains("beside-time")) {
    note = document.createElement("span");
    note.className = "beside-time muted";
    time.after(note);
  }
  const said = words.filter(Boolean).join(", ");
  if (note.textContent !== said) note.textContent = said;
}

const tellAll = () => document.querySelectorAll("time[data-zone]").forEach(tell);
tellAll();
setInterval(tellAll, MINUTE / 2);
document.addEventListener("htmx:afterSwap", tellAll);
