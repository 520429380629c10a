/** What is known of the user's conversations. It merges what it is told, in whatever order, and tells views. */

const EVENT = "event";
const NOTICES = "notices";
const CHATROOM = "chatroom";
/** How long somebody counts as typing who does not say so again, in milliseconds. */
const TYPING_LASTS = 6000;
/** The server counts no further. */
const UNREAD_AT_MOST = 100;

/** One conversation. Until something has been said in it, it has no id and is known here only. */
export class Conversation {
  id = null;
  title = "";
  group = null;
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

  constructor(targetType, targetId) {
    this.targetType = targetType;
    this.targetId = targetId;
    this.title = targetId;
  }

  /** Its name here. A user who was deleted has none to write to. */
  get key() {
    return this.targetId ? `${this.targetType}:${this.targetId}` : `past:${this.id}`;
  }

  get mayWrite() {
    return this.open && this.targetId !== "";
  }

  get isGroup() {
    return this.targetType === "group";
  }
}

/**
 * Events: `list` when anything changed that the list shows; `rows` {conversation, rows, sent} for rows to show
 * that are new or changed (`sent`: client_msg_id -> msgid of those that were pending); `marks` and `typing`
 * {conversation}; `reset` when all conversations are other objects.
 */
export class Store extends EventTarget {
  #byKey = new Map();
  #byId = new Map();

  constructor(username) {
    super();
    this.username = username;
  }

  /** The conversations, the one last spoken in first; above them those in which nothing was said yet. */
  get conversations() {
    const place = ({ newest }) => newest || Infinity;
    return [...this.#byKey.values()].sort((one, other) => {
      const [a, b] = [place(one), place(other)];
      return a === b ? 0 : b > a ? 1 : -1;
    });
  }

  get unread() {
    return this.conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  byKey(key) {
    return this.#byKey.get(key);
  }

  byId(id) {
    return this.#byId.get(id);
  }

  /** The conversation with that target, made up if it is not known. */
  withTarget(targetType, targetId) {
    const fresh = new Conversation(targetType, targetId);
    const known = this.#byKey.get(fresh.key);
    if (known) return known;
    this.#byKey.set(fresh.key, fresh);
    this.#tell("list");
    return fresh;
  }

  /** Take over what the server says of conversations. What came meanwhile by the line is newer, and stays. */
  adopt(summaries) {
    for (const summary of summaries) {
      const conversation = this.#of(summary);
      const { group, title, open, shielded, no_disturb: noDisturb } = summary;
      Object.assign(conversation, { title, open, shielded, noDisturb, group: group ?? null });
      conversation.peersReadUpTo = Math.max(conversation.peersReadUpTo, summary.peers_read_up_to);
      const last = summary.last_message;
      if (last.msgid >= conversation.newest) {
        conversation.newest = last.msgid;
        if (!conversation.last || !isSilent(last)) conversation.last = last;
        if (summary.read_up_to >= conversation.readUpTo) conversation.unread = summary.unread;
      }
      conversation.readUpTo = Math.max(conversation.readUpTo, summary.read_up_to);
      this.#tell("marks", { conversation });
    }
    this.#tell("list");
  }

  /**
   * Take the next rows of the log; those that are known already change nothing. `sent` as in the event.
   * Returns whether the list is to be asked for anew: a conversation began, a group or a setting changed.
   */
  follow(rows, sent) {
    const shown = new Map();
    let changesList = false;
    for (const row of rows) {
      if (row.target_type === NOTICES) {
        changesList = true; // what one is told of one's own settings and friends is no conversation
        continue;
      }
      if (row.target_type === CHATROOM) continue; // which this page does not show
      const conversation = this.#of(row);
      const isEvent = row.msg_type === EVENT;
      changesList ||= !conversation.newest || (isEvent && conversation.isGroup);
      this.#count(conversation, row);
      conversation.typing.delete(row.from_id);
      const before = shown.get(conversation) ?? [];
      shown.set(conversation, [...before, ...this.#place(conversation, row)]);
    }
    for (const [conversation, changed] of shown) {
      this.#tell("rows", { conversation, rows: changed, sent });
      this.#tell("typing", { conversation });
    }
    this.#tell("list");
    return changesList;
  }

  /** Put a page of history before the rows that are loaded. */
  prepend(conversation, rows, hasMore) {
    const oldest = conversation.rows[0]?.msgid ?? Infinity;
    const older = rows.filter((row) => row.msgid < oldest);
    conversation.rows = [...older, ...conversation.rows];
    conversation.complete = !hasMore;
    this.#tell("rows", { conversation, rows: older, sent: new Map() });
  }

  /** A message of one's own was stored: show it where the log will bring it. */
  confirm(conversation, row, clientMsgId) {
    const isKnown = conversation.rows.some(({ msgid }) => msgid === row.msgid);
    const rows = isKnown ? [] : this.#place(conversation, row);
    if (conversation.id !== null) this.#count(conversation, row);
    this.#tell("rows", { conversation, rows, sent: new Map([[clientMsgId, row.msgid]]) });
    this.#tell("list");
  }

  /** Somebody else has read up to there. */
  notePeerRead(conversationId, msgId) {
    const conversation = this.#byId.get(conversationId);
    if (!conversation) return;
    conversation.peersReadUpTo = Math.max(conversation.peersReadUpTo, msgId);
    this.#tell("marks", { conversation });
  }

  /** Oneself has read up to there. */
  readTo(conversation, msgId) {
    conversation.readUpTo = Math.max(conversation.readUpTo, msgId);
    const unread = conversation.rows.filter((row) => this.isUnread(conversation, row));
    conversation.unread = Math.min(UNREAD_AT_MOST, unread.length);
    this.#tell("list");
  }

  /** Whether it is a message of another that oneself has not read. */
  isUnread(conversation, row) {
    return row.msg_type !== EVENT && row.from_id !== this.username && row.msgid > conversation.readUpTo;
  }

  /** Somebody is typing, for a while. */
  noteTyping(conversationId, username) {
    const conversation = this.#byId.get(conversationId);
    if (!conversation || username === this.username) return;
    const until = Date.now() + TYPING_LASTS;
    conversation.typing.set(username, until);
    this.#tell("typing", { conversation });
    setTimeout(() => {
      if (conversation.typing.get(username) !== until) return;
      conversation.typing.delete(username);
      this.#tell("typing", { conversation });
    }, TYPING_LASTS);
  }

  /** Forget everything, and take over what the server says. */
  reset(summaries) {
    this.#byKey.clear();
    this.#byId.clear();
    this.adopt(summaries);
    this.#tell("reset");
  }

  /** The conversation of a row or of a summary. */
  #of(told) {
    const known = this.#byId.get(told.conversation_id);
    if (known) return known;
    const target = this.#otherSide(told);
    const conversation = target
      ? this.withTarget(told.target_type, target)
      : new Conversation(told.target_type, "");
    conversation.id = told.conversation_id;
    this.#byKey.set(conversation.key, conversation);
    this.#byId.set(conversation.id, conversation);
    return conversation;
  }

  /** To whom one writes in it: of a row that somebody else sent to oneself, its sender. */
  #otherSide(told) {
    const isIncoming =
      told.target_type === "single" && told.from_id && told.from_id !== this.username;
    return isIncoming ? told.from_id : told.target_id;
  }

  #count(conversation, row) {
    if (row.msgid <= conversation.newest) return;
    conversation.newest = row.msgid;
    if (!isSilent(row)) conversation.last = row;
    if (this.isUnread(conversation, row)) {
      conversation.unread = Math.min(UNREAD_AT_MOST, conversation.unread + 1);
    }
  }

  /** Put a row among those that are loaded. Returns the rows whose looks that changes. */
  #place(conversation, row) {
    const changed = [];
    if (isSilent(row)) changed.push(...this.#retract(conversation, row.msg_body.msg_id));
    const { rows } = conversation;
    if (conversation.opened && (conversation.complete || row.msgid > (rows[0]?.msgid ?? 0))) {
      const at = rows.findLastIndex((known) => known.msgid <= row.msgid);
      if (rows[at]?.msgid === row.msgid) rows[at] = row;
      else rows.splice(at + 1, 0, row);
      changed.push(row);
    }
    return changed;
  }

  #retract(conversation, msgId) {
    const empty = (row) => ({ ...row, msg_body: {}, retracted: true });
    if (conversation.last?.msgid === msgId) conversation.last = empty(conversation.last);
    const at = conversation.rows.findIndex((row) => row.msgid === msgId);
    if (at < 0) return [];
    conversation.rows[at] = empty(conversation.rows[at]);
    return [conversation.rows[at]];
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Whether a row shows only in what it changes: a message is retracted. */
export function isSilent(row) {
  return row.msg_type === EVENT && row.msg_body.event_type === "retract_message";
}
