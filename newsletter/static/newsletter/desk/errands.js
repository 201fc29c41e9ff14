// A worker has done what this page asked for: the page is renewed, a composer without losing what is being typed.
document.addEventListener("errands-done", () => {
  if (!document.getElementById("work")) return location.reload();
  window.htmx.ajax("GET", location.pathname, { source: "#work", target: "#work", select: "#work", swap: "outerHTML show:none" });
});
