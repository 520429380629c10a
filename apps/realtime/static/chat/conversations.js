/** The list of conversations. */

import { badge, byId, copyOf, part } from "./dom.js";
import { happening } from "./message.js";
import { briefly, exactly, kindOf, text } from "./strings.js";
import { nameOf, shapeOf } from "./thread.js";

export class Conversations {
  /** The key of the one that is open. */
  current = null;
  #store;
  #open;
  #items = new Map();
  #pane = byId("list");
  #list = byId("conversations");
  #rooms = byId("rooms");
  #isStale = false;
  #abort = new AbortController();

  /**
   * @param store whose conversations they are
   * @param open  called with the one that the user picks
   */
  constructor(store, open) {
    this.#store = store;
    this.#open = open;
    const { signal } = this.#abort;
    store.addEventListener("list", () => this.#refreshSoon(), { signal });
    this.#pane.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.#pane.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.#refresh();
  }

  /** Mark one as open. */
  select(key) {
    this.current = key;
    this.#refresh();
  }

  /** Put the focus on the one that is open, or on the first. */
  focus() {
    const button = this.#items.get(this.current)?.firstElementChild;
    (button ?? this.#pane.querySelector("button") ?? byId("open-new-chat")).focus();
  }

  /** Empty the list: it is another's turn. */
  end() {
    this.#abort.abort();
    this.#list.replaceChildren();
    this.#rooms.replaceChildren();
  }

  /** Many changes at once are shown once. */
  #refreshSoon() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => this.#refresh());
  }

  #refresh() {
    if (this.#abort.signal.aborted) return;
    this.#isStale = false;
    const { conversations, rooms } = this.#store;
    const focused = document.activeElement;
    this.#fill(this.#list, conversations);
    this.#fill(this.#rooms, rooms);
    if (this.#pane.contains(focused)) focused.focus(); // an element that is moved loses it
    byId("rooms-title").hidden = byId("conversations-title").hidden = rooms.length === 0;
    byId("no-conversations").hidden = conversations.length > 0;
    byId("own-quiet").hidden = !this.#store.isQuiet;
    const keys = new Set([...conversations, ...rooms].map(({ key }) => key));
    for (const key of this.#items.keys()) if (!keys.has(key)) this.#items.delete(key);
    this.#setTabStop();
  }

  #fill(list, conversations) {
    const items = conversations.map((conversation) => this.#itemOf(conversation));
    items.forEach((item, at) => {
      if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
    });
    while (list.children.length > items.length) list.lastElementChild.remove();
  }

  #itemOf(conversation) {
    const { key } = conversation;
    const item = this.#items.get(key) ?? copyOf("conversation");
    this.#items.set(key, item);
    item.dataset.key = key;
    const title = nameOf(conversation);
    const isCurrent = key === this.current;
    item.firstElementChild.setAttribute("aria-current", String(isCurrent));
    badge(part(item, "badge"), title, shapeOf(conversation));
    part(item, "title").textContent = title;
    part(item, "quiet").hidden = !conversation.shielded && !conversation.noDisturb;
    part(item, "quietly").textContent = text(conversation.shielded ? "shielded" : "no_disturb");
    part(item, "preview").textContent = this.#previewOf(conversation);
    const time = part(item, "time");
    const at = conversation.last?.msg_ctime;
    time.dateTime = at ? new Date(at).toISOString() : "";
    time.title = at ? exactly(at) : "";
    time.textContent = at ? briefly(at) : "";
    const { unread } = conversation;
    part(item, "unread").hidden = unread === 0;
    part(item, "unread").classList.toggle("calm", this.#store.disturbsNot(conversation));
    part(item, "count").textContent = unread > 99 ? "99+" : String(unread);
    part(item, "counted").textContent = text("unread", { count: unread });
    return item;
  }

  #previewOf({ last, isGroup, isRoom, room, people }) {
    if (!last) return room?.description || text("nothing_said");
    if (last.msg_type === "event") return happening(last, people);
    if (last.retracted) return text("retracted");
    const said = last.msg_type === "text" ? last.msg_body.text : kindOf(last.msg_type);
    if (people.isOwn(last)) return text("you_said", { text: said });
    return isGroup || isRoom ? text("they_said", { name: people.sender(last), text: said }) : said;
  }

  /** One press of Tab goes into the list, the next one out of it; arrows go up and down in it. */
  #setTabStop() {
    const buttons = [...this.#pane.querySelectorAll(".conversation")];
    const stop = buttons.find((button) => button === document.activeElement);
    const current = buttons.find((button) => button.getAttribute("aria-current") === "true");
    for (const button of buttons) button.tabIndex = button === (stop ?? current ?? buttons[0]) ? 0 : -1;
  }

  #clicked(event) {
    const key = event.target.closest("li")?.dataset.key;
    const conversation = key && this.#store.byKey(key);
    if (conversation) this.#open(conversation);
  }

  #pressed(event) {
    const buttons = [...this.#pane.querySelectorAll(".conversation")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(to, buttons.length - 1))].focus();
    this.#setTabStop();
  }
}
