/** The page's elements. Text enters the page here and in the other modules by `textContent` only. */

const TINTS = 8;

/** The element of that id, which the page must have. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** A copy of what is in the template `${name}-part`. */
export function copyOf(name) {
  return byId(`${name}-part`).content.firstElementChild.cloneNode(true);
}

/** The element marked `data-part="name"` within another. */
export function part(within, name) {
  return within.querySelector(`[data-part="${name}"]`);
}

/** Show the text, or hide the element where there is none. */
export function tell(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

/** Make the element a badge: the first letter of a name, on a colour that the name always has. */
export function badge(element, name, isGroup = false) {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + sign.codePointAt(0)) % 65521;
  element.dataset.tint = String(sum % TINTS);
  element.classList.toggle("group", isGroup);
  element.textContent = [...name.trim()][0]?.toUpperCase() ?? "?";
}

/** Open a dialog with the focus on its first field; its `data-close` buttons and its backdrop close it. */
export function openDialog(dialog) {
  if (!dialog.dataset.ready) {
    dialog.dataset.ready = "yes";
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
  }
  dialog.showModal();
  dialog.querySelector("input:not([type=hidden])")?.focus();
}

/** Whether the page shows the list or a conversation, not both. */
export function isNarrow() {
  return matchMedia("(max-width: 719px)").matches;
}
