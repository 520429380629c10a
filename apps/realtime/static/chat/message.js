/** The looks of one message or event. Whatever was said is put in as text, never as markup. */

import { copyOf, part, tell } from "./dom.js";
import { happeningOf } from "./conversation.js";
import { dayName, exactly, hasText, isSameDay, kindOf, reasonOf, text, timeOfDay } from "./strings.js";

/** Messages of one sender within this time stand together, in milliseconds. */
const TOGETHER = 5 * 60_000;
/** Entries of the outbox stand below all rows. */
const BELOW_ALL_ROWS = 2 ** 52;

/** What stands in the thread for a row of the log, or for an entry of the outbox. */
export class Item {
  /**
   * @param row    of the log, or null
   * @param entry  of the outbox, or null
   * @param people of whom the reader is one
   * @param media  that shows images and files
   */
  constructor(row, entry, people, media) {
    this.people = people;
    this.media = media;
    this.isEvent = row?.msg_type === "event";
    this.isOwn = entry !== null || (!this.isEvent && people.isOwn(row));
    this.element = copyOf(this.isEvent ? "event" : "message");
    if (row) this.become(row);
    else this.wait(entry);
    if (!this.isEvent) this.#introduce();
  }

  /** Show a row: what came by the log, or what has become of the entry. */
  become(row) {
    this.row = row;
    this.entry = null;
    this.id = row.msgid;
    this.place = row.msgid;
    this.at = row.msg_ctime;
    this.element.dataset.msgid = String(row.msgid);
    if (this.isEvent) {
      part(this.element, "said").textContent = happening(row, this.people);
      return;
    }
    this.#say(row);
    this.#setTime();
    this.element.classList.remove("pending", "failed");
    part(this.element, "refusal").hidden = true;
  }

  /** Show an entry of the outbox, in the state it is in. */
  wait(entry) {
    this.row = null;
    this.entry = entry;
    this.id = entry.id;
    this.place = BELOW_ALL_ROWS + entry.at;
    this.at = entry.at;
    const hasFailed = entry.state === "failed";
    this.#say({ msg_type: entry.type, msg_body: entry.body, retracted: false });
    this.#setTime();
    this.element.classList.toggle("pending", !hasFailed);
    this.element.classList.toggle("failed", hasFailed);
    part(this.element, "refusal").hidden = !hasFailed;
    const reason = hasFailed ? text("not_sent", { reason: reasonOf(entry.reason) }) : "";
    part(this.element, "reason").textContent = reason;
    this.mark(0);
  }

  /** Show whether it is on its way, sent or read, where the others have read up to an id. */
  mark(peersReadUpTo) {
    if (this.isEvent || !this.isOwn) return;
    let status = "sending";
    if (this.row) status = this.row.msgid <= peersReadUpTo ? "read" : "sent";
    const tick = part(this.element, "tick");
    tick.hidden = this.entry?.state === "failed" || this.row?.retracted === true;
    tick.dataset.status = status;
    tick.title = text(status);
    part(tick, "status").textContent = text(status);
  }

  /** Offer to retract it until the window has passed, of so many milliseconds. */
  offerRetract(window) {
    if (this.isEvent) return;
    const may = this.isOwn && this.row && !this.row.retracted && Date.now() - this.at < window;
    part(this.element, "retract").hidden = !may;
  }

  /** Stand below another: without a day that is there already, and close to one's own words before. */
  standBelow(other) {
    const isNewDay = !other || !isSameDay(other.at, this.at);
    tell(part(this.element, "day"), isNewDay ? dayName(this.at) : "");
    const follows = !isNewDay && !this.isEvent && !other.isEvent && this.from === other.from;
    this.element.classList.toggle("follows", follows && this.at - other.at < TOGETHER);
  }

  get from() {
    return this.isOwn || !this.row ? null : `${this.row.from_id}:${this.row.from_appkey}`;
  }

  #introduce() {
    this.element.classList.toggle("own", this.isOwn);
    part(this.element, "from").textContent = this.#who;
  }

  get #who() {
    return this.isOwn ? text("you") : this.people.sender(this.row);
  }

  #say({ msg_type: type, msg_body: body, retracted }) {
    const said = part(this.element, "said");
    const isPlain = type === "text" && !retracted;
    const shown = retracted ? null : this.#shown(type, body);
    this.element.classList.toggle("other-kind", !isPlain && !shown);
    this.element.classList.toggle("with-media", shown !== null);
    part(this.element, "media").replaceChildren(...(shown ? [shown] : []));
    said.hidden = shown !== null;
    if (retracted) said.textContent = text("retracted");
    else said.textContent = isPlain ? body.text : kindOf(type);
  }

  /** The image or file, made once: an entry that becomes a row keeps what is loaded already. */
  #shown(type, body) {
    const mediaId = body.media_id ?? body.video?.media_id;
    if (!mediaId) return null;
    if (this.shownId !== mediaId) {
      this.shownId = mediaId;
      this.shown = this.media.show(type, body, this.#who);
    }
    return this.shown;
  }

  #setTime() {
    const time = part(this.element, "time");
    time.dateTime = new Date(this.at).toISOString();
    time.title = exactly(this.at);
    time.textContent = timeOfDay(this.at);
  }
}

/** What an event tells, as a sentence; empty for what this page does not know. */
export function happening(row, people) {
  const name = happeningOf(row);
  return hasText(name) ? text(name, { names: people.named(row.msg_body) }) : "";
}
