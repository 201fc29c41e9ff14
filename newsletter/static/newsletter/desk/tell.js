// What goes wrong between this page and the server is told on the page, and what stands in its forms stays there.
import { token } from "./token.js";

const OFFLINE = "No connection. Nothing was changed; try again when it is back.";
const WORDS = {
  400: "This was too much to send at once. Nothing was changed.",
  401: "You are signed out. Sign in again in another tab, then press the button once more: what stands here is kept.",
  403: "This was refused, and nothing was changed. You may have been signed out, or may do less than before; sign in again in another tab.",
  404: "This is not there any more. Load the page again.",
};

// Beside the button that was pressed, where its form has room for it.
function tell(words, form) {
  hush();
  const output = form?.querySelector?.("output");
  if (output) {
    output.textContent = words;
    output.className = "bad";
    return;
  }
  const line = document.createElement("p");
  line.className = "notice error line";
  line.setAttribute("role", "alert");
  line.textContent = words;
  document.getElementById("said").append(line);
  line.scrollIntoView({ block: "nearest" });
}

const hush = () => document.querySelector("#said .line")?.remove();

document.addEventListener("htmx:configRequest", (event) => {
  if ("csrfmiddlewaretoken" in event.detail.parameters) event.detail.parameters.csrfmiddlewaretoken = token();
});
document.addEventListener("htmx:sendError", (event) => tell(OFFLINE, event.detail.elt));
document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  const typing = document.querySelector("form[data-autosave], form[data-keep]");
  if (status === 401 && !typing) return location.assign(`/desk/login?next=${encodeURIComponent(location.pathname)}`);
  const said = status === 422 ? responseText : WORDS[status];
  tell(said ?? "Something broke on our side. Load the page again to see what stands.", event.detail.elt);
});
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) hush(); });
