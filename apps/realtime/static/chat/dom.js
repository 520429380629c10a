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

/** Make the element a badge: the first letter of a name, on a colour that the name always has; "group" or "room". */
export function badge(element, name, shape = "") {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + sign.codePointAt(0)) % 65521;
  element.dataset.tint = String(sum % TINTS);
  element.classList.toggle("group", shape === "group");
  element.classList.toggle("room", shape === "room");
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
  dialog.querySelector("input:not([type=hidden], [role=switch])")?.focus();
}

/** The options of a field that asks for an app, where there are several; hidden where there is only one. */
export function offerApps(field, label, apps) {
  const options = apps.map(({ appkey, name }) => {
    const option = document.createElement("option");
    option.value = appkey;
    option.textContent = name;
    return option;
  });
  field.replaceChildren(...options);
  field.hidden = label.hidden = apps.length < 2;
}

/** Whether the page shows the list or a conversation, not both. */
export function isNarrow() {
  return matchMedia("(max-width: 719px)").matches;
}
