/** One conversation, and what its rows are. */

import { hasText } from "./strings.js";

export const EVENT = "event";
export const CHATROOM = "chatroom";

/** One conversation. Until something has been said in it, it has no id and is known here only. */
export class Conversation {
  id = null;
  title = "";
  group = null;
  /** What is told of the chatroom, and whether something may have passed unheard there since one entered. */
  room = null;
  isStale = true;
  /** The id of the last row, whatever it is. */
  newest = 0;
  /** The last row that says something by itself. */
  last = null;
  unread = 0;
  readUpTo = 0;
  /** How far the others have read: whoever is furthest. */
  peersReadUpTo = 0;
  /** Whether one may write. */
  open = true;
  /** Whether nothing said here is pushed to one; and whether one is told nothing at all that is said here. */
  noDisturb = false;
  shielded = false;
  /** The rows that were loaded, ascending, without gaps up to the newest. Kept up once somebody has opened it. */
  rows = [];
  opened = false;
  /** Whether `rows` begins where the conversation does. */
  complete = false;
  typing = new Map();

  /**
   * @param people     that it is of
   * @param targetType "single", "group" or "chatroom"
   * @param targetId   a username, or a number in digits
   * @param appkey     of a user of another app: its key
   */
  constructor(people, targetType, targetId, appkey = "") {
    this.people = people;
    this.targetType = targetType;
    this.targetId = targetId;
    this.appkey = appkey;
    this.title = targetId;
  }

  /** Its name here. A user who was deleted has none to write to. */
  get key() {
    if (!this.targetId) return `past:${this.id}`;
    return [this.targetType, this.targetId, this.appkey].filter(Boolean).join(":");
  }

  get mayWrite() {
    return this.open && this.targetId !== "";
  }

  get isGroup() {
    return this.targetType === "group";
  }

  get isRoom() {
    return this.targetType === CHATROOM;
  }

  /** Whether it is with somebody else, and not with oneself. */
  get isWithOther() {
    return this.targetType === "single" && this.targetId !== "" && !this.people.isSelf(this.targetId, this.appkey);
  }
}

/** Whether a row shows only in what it changes: a message is retracted; or tells of what this page does not know. */
export function isSilent(row) {
  return row.msg_type === EVENT && (isRetraction(row) || !hasText(happeningOf(row)));
}

/** The name of the text for what an event tells. */
export function happeningOf({ target_type: type, msg_body: { event_type: event } }) {
  return type === CHATROOM ? `room_${event}` : event;
}

/** Whether it takes a message back. */
export function isRetraction(row) {
  return row.msg_body.event_type === "retract_message";
}
