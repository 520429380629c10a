/** The open conversation: what was said, loaded further back as the reader scrolls up. */

import { isSilent } from "./conversation.js";
import { badge, byId, tell } from "./dom.js";
import { Item } from "./message.js";
import { attempt } from "./notice.js";
import { joined, text } from "./strings.js";

/** Pixels from an edge that count as being there. */
const AT_BOTTOM = 48;
const NEAR_TOP = 300;
/** Milliseconds between two looks at what can no longer be retracted. */
const LOOK_EVERY = 5000;

export class Thread {
  conversation = null;
  #client;
  #window;
  #items = [];
  #byId = new Map();
  #isLoading = false;
  #isAtBottom = true;
  #log = byId("log");
  #list = byId("messages");

  /**
   * @param client that the conversation belongs to
   * @param window milliseconds within which a message can be retracted
   */
  constructor(client, window) {
    this.#client = client;
    this.#window = window;
    const mine = (action) => (event) => {
      if (event.detail.conversation === this.conversation) action(event.detail);
    };
    client.store.addEventListener("rows", mine((detail) => this.#take(detail)));
    client.store.addEventListener("outbox", mine(({ entry }) => this.#takeEntry(entry)));
    client.store.addEventListener("marks", mine(() => this.#showState()));
    client.store.addEventListener("typing", mine(() => this.#showTyping()));
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.#log.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    this.#list.addEventListener("click", (event) => this.#clicked(event), { signal });
    byId("to-newest").addEventListener("click", () => this.#toBottom(), { signal });
    document.addEventListener("visibilitychange", () => this.#read(), { signal });
    const resized = new ResizeObserver(() => this.#isAtBottom && this.#toBottom());
    resized.observe(this.#log);
    const timer = setInterval(() => this.#offerRetracts(), LOOK_EVERY);
    signal.addEventListener("abort", () => {
      resized.disconnect();
      clearInterval(timer);
    });
  }

  /** Show a conversation, or none. */
  show(conversation) {
    this.conversation = conversation;
    byId("thread").hidden = !conversation;
    byId("no-thread").hidden = Boolean(conversation);
    this.#log.setAttribute("aria-busy", "true"); // what is there already is not read out
    this.#items = [];
    this.#byId.clear();
    this.#list.replaceChildren();
    tell(byId("log-top"), "");
    if (!conversation) return;
    this.#insert(conversation.rows);
    for (const entry of this.#client.outbox.of(conversation)) this.#put(this.#itemOf(null, entry));
    this.#showState();
    this.#showTyping();
    this.#toBottom();
    this.#fill();
  }

  /** Forget the client: it is another's turn. */
  end() {
    this.show(null);
    this.abort.abort();
  }

  /** Something was loaded, said or changed. */
  #take({ rows, sent }) {
    const { scrollHeight, scrollTop } = this.#log;
    const newest = this.#items.findLast((item) => item.row)?.place ?? 0;
    const oldest = this.#items[0]?.place ?? Infinity;
    for (const [id, msgid] of sent) this.#settle(id, msgid, rows);
    this.#insert(rows);
    this.#mark();
    const isOlder = rows.length > 0 && rows.at(-1).msgid < oldest;
    const isOthers = rows.some((row) => row.msgid > newest && !this.#byId.get(row.msgid)?.isOwn);
    if (this.#isAtBottom) this.#toBottom();
    else if (isOlder) this.#log.scrollTop = this.#log.scrollHeight - (scrollHeight - scrollTop);
    else if (isOthers) byId("to-newest").hidden = false;
    this.#read();
    if (!isOlder) this.#fill();
  }

  /** An entry of the outbox is new, has another state, or is gone. */
  #takeEntry(entry) {
    const item = this.#byId.get(entry.id);
    const waits = this.#client.outbox.of(this.conversation).includes(entry);
    if (!item && waits) {
      this.#put(this.#itemOf(null, entry));
      this.#toBottom();
    } else if (item && waits) {
      item.wait(entry);
    } else if (item && entry.state === "failed") {
      this.#remove(item); // it was given up
    }
  }

  /** An entry has become a row: its element goes on as that row's, unless that one is here already. */
  #settle(id, msgid, rows) {
    const item = this.#byId.get(id);
    if (!item) return;
    const row = rows.find((one) => one.msgid === msgid);
    if (this.#byId.has(msgid) || !row) {
      this.#remove(item);
      return;
    }
    this.#byId.delete(id);
    item.become(row);
    this.#byId.set(msgid, item);
    item.offerRetract(this.#window);
    const at = this.#items.indexOf(item);
    const next = this.#items[at + 1];
    const isInPlace = (this.#items[at - 1]?.place ?? 0) < msgid && (next?.place ?? Infinity) > msgid;
    if (isInPlace) return;
    this.#items.splice(at, 1);
    this.#place(item);
    next?.standBelow(this.#items[this.#items.indexOf(next) - 1]);
  }

  #insert(rows) {
    for (const row of rows) {
      if (isSilent(row)) continue;
      const known = this.#byId.get(row.msgid);
      if (known) {
        known.become(row);
        known.offerRetract(this.#window);
        known.mark(this.conversation.peersReadUpTo);
      } else {
        this.#put(this.#itemOf(row, null));
      }
    }
  }

  #itemOf(row, entry) {
    const item = new Item(row, entry, this.#client.people, this.#client.media);
    item.mark(this.conversation.peersReadUpTo);
    item.offerRetract(this.#window);
    return item;
  }

  #put(item) {
    this.#byId.set(item.id, item);
    this.#place(item);
  }

  #place(item) {
    const at = this.#items.findLastIndex((other) => other.place <= item.place) + 1;
    const next = this.#items[at];
    this.#items.splice(at, 0, item);
    this.#list.insertBefore(item.element, next?.element ?? null);
    item.standBelow(this.#items[at - 1]);
    next?.standBelow(item);
  }

  #remove(item) {
    const at = this.#items.indexOf(item);
    this.#items.splice(at, 1);
    this.#byId.delete(item.id);
    item.element.remove();
    this.#items[at]?.standBelow(this.#items[at - 1]);
  }

  #showState() {
    const { conversation } = this;
    const title = nameOf(conversation);
    byId("thread-title").textContent = title;
    badge(byId("thread-badge"), title, shapeOf(conversation));
    byId("open-members").hidden = !(conversation.isGroup || conversation.isRoom) || !conversation.open;
    byId("open-relation").hidden = !conversation.isWithOther && !(conversation.isGroup && conversation.open);
    byId("thread").classList.toggle("of-many", conversation.isGroup || conversation.isRoom);
    this.#mark();
  }

  #mark() {
    for (const item of this.#items) item.mark(this.conversation.peersReadUpTo);
  }

  #showTyping() {
    const names = [...this.conversation.typing.values()].map(({ name }) => name);
    const form = names.length > 1 ? "typing_many" : "typing";
    byId("thread-note").textContent = names.length ? text(form, { names: joined(names) }) : "";
  }

  #offerRetracts() {
    for (const item of this.#items) item.offerRetract(this.#window);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    this.#isAtBottom = scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
    if (this.#isAtBottom) {
      byId("to-newest").hidden = true;
      this.#read();
    }
    this.#fill();
  }

  #toBottom() {
    this.#isAtBottom = true;
    byId("to-newest").hidden = true;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#read();
  }

  /** Load earlier messages while the reader is near to where they are missing. */
  async #fill() {
    const { conversation } = this;
    const isMissing = conversation && conversation.id !== null && !conversation.complete;
    if (!isMissing || this.#isLoading || this.#log.scrollTop > NEAR_TOP) {
      if (!isMissing || !this.#isLoading) this.#settleLog();
      return;
    }
    this.#isLoading = true;
    this.#log.setAttribute("aria-busy", "true");
    tell(byId("log-top"), text("loading"));
    const hasCome = await attempt(() => this.#client.loadOlder(conversation));
    this.#isLoading = false;
    if (hasCome || conversation !== this.conversation) this.#fill();
    else this.#settleLog();
  }

  #settleLog() {
    const { complete: isWhole, isRoom } = this.conversation ?? {};
    tell(byId("log-top"), isWhole && !isRoom ? text("beginning") : ""); // of a room one sees the end alone
    requestAnimationFrame(() => this.#log.setAttribute("aria-busy", "false"));
  }

  /** What is in sight has been read. */
  #read() {
    const isInSight = !document.hidden && this.#log.checkVisibility();
    if (this.conversation && this.#isAtBottom && isInSight) this.#client.markRead(this.conversation);
  }

  /** The reader, or the connection, is back: take up what was left. */
  resume() {
    if (!this.conversation) return;
    this.#fill();
    this.#read();
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const element = button?.closest("li");
    const item = this.#items.find((one) => one.element === element);
    if (!item) return;
    const action = button.dataset.part;
    if (action === "retract") attempt(() => this.#client.retract(item.row));
    if (action === "again") this.#client.outbox.again(item.entry);
    if (action === "discard") this.#client.outbox.discard(item.entry);
  }
}

/** What a conversation is called; with its app, where that is another one. */
export function nameOf({ title, targetId, appkey, people }) {
  return people.label(title || targetId || text("deleted_user"), appkey);
}

/** What its badge looks like. */
export function shapeOf({ isGroup, isRoom }) {
  if (isRoom) return "room";
  return isGroup ? "group" : "";
}
