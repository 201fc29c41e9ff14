// The token that a form needs: signing in, in any tab, makes another; the browser's cookie has the newest.
export function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value;
}
