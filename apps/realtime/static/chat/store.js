/** What is known of the user's conversations. It merges what it is told, in whatever order, and tells views. */

import { CHATROOM, Conversation, EVENT, isRetraction, isSilent } from "./conversation.js";

const NOTICES = "notices";
/** How long somebody counts as typing who does not say so again, in milliseconds. */
const TYPING_LASTS = 6000;
/** Messages that the server gives to who enters a chatroom, if there are so many. */
const LATEST_OF_ROOM = 50;
/** The server counts no further. */
const UNREAD_AT_MOST = 100;

/**
 * Events: `list` when anything changed that the list shows; `rows` {conversation, rows, sent} for rows to show
 * that are new or changed (`sent`: client_msg_id -> msgid of those that were pending); `marks` and `typing`
 * {conversation}; `notices` {types} when something changed that concerns oneself alone; `reset` when all
 * conversations are other objects.
 */
export class Store extends EventTarget {
  #byKey = new Map();
  #byId = new Map();
  /** Whether nothing at all is to disturb one. */
  isQuiet = false;

  /** @param people of whom oneself is one */
  constructor(people) {
    super();
    this.people = people;
  }

  /**
   * The conversations but for chatrooms, the one last spoken in first; above them those in which nothing was said
   * yet.
   */
  get conversations() {
    const place = ({ newest }) => newest || Infinity;
    const shown = [...this.#byKey.values()].filter(({ isRoom }) => !isRoom);
    return shown.sort((one, other) => {
      const [a, b] = [place(one), place(other)];
      return a === b ? 0 : b > a ? 1 : -1;
    });
  }

  /** The chatrooms one is in, by their names. */
  get rooms() {
    const rooms = [...this.#byKey.values()].filter(({ isRoom }) => isRoom);
    return rooms.sort((one, other) => one.title.localeCompare(other.title));
  }

  /** What is unread, without what is not to disturb one. */
  get unread() {
    const loud = this.conversations.filter((conversation) => !this.disturbsNot(conversation));
    return loud.reduce((sum, { unread }) => sum + unread, 0);
  }

  disturbsNot(conversation) {
    return this.isQuiet || conversation.noDisturb;
  }

  /** Let nothing disturb one any more, or things again. */
  setQuiet(isQuiet) {
    this.isQuiet = isQuiet;
    this.#tell("list");
  }

  byKey(key) {
    return this.#byKey.get(key);
  }

  byId(id) {
    return this.#byId.get(id);
  }

  /** The conversation with that target, made up if it is not known. */
  withTarget(targetType, targetId, appkey = "") {
    const fresh = new Conversation(this.people, targetType, targetId, appkey);
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

  /** Take over which chatrooms one is in. One that was put out keeps what it shows, until all is read anew. */
  adoptRooms(rooms) {
    const numbers = new Set(rooms.map(({ id }) => String(id)));
    for (const conversation of this.rooms) {
      conversation.open = numbers.has(conversation.targetId);
      this.#tell("marks", { conversation });
    }
    for (const room of rooms) {
      const conversation = this.withTarget(CHATROOM, String(room.id));
      Object.assign(conversation, { room, title: room.name });
      this.#tell("marks", { conversation });
    }
    this.#tell("list");
  }

  /**
   * One has entered a chatroom: the latest of what is said there. What was loaded before stays, unless something
   * may be missing between.
   */
  enter(conversation, { conversation_id: id, room, messages }) {
    Object.assign(conversation, { id, room, title: room.name, open: true, opened: true, isStale: false });
    this.#byId.set(id, conversation);
    const isWhole = messages.length < LATEST_OF_ROOM;
    const [oldest, newest] = [messages[0]?.msgid ?? 0, messages.at(-1)?.msgid ?? 0];
    const joins = isWhole || conversation.rows.some((row) => row.msgid >= oldest && row.msgid <= newest);
    const kept = conversation.rows.filter((row) => joins || row.msgid > newest);
    const known = new Set(kept.map(({ msgid }) => msgid));
    const rows = [...kept, ...messages.filter(({ msgid }) => !known.has(msgid))];
    conversation.rows = rows.sort((one, other) => one.msgid - other.msgid);
    conversation.complete = isWhole || (joins && conversation.complete);
    for (const row of conversation.rows) this.#count(conversation, row);
    this.#tell("marks", { conversation });
    this.#tell("list");
  }

  /** One is in that chatroom no longer. */
  leave(conversation) {
    this.#byKey.delete(conversation.key);
    this.#byId.delete(conversation.id);
    this.#tell("list");
  }

  /** Something may pass unheard in the chatrooms from now on. */
  mistrustRooms() {
    for (const conversation of this.rooms) conversation.isStale = true;
  }

  /**
   * Take the next rows of the log; those that are known already change nothing. `sent` as in the event.
   * Returns what is to be asked for anew: the list, since a conversation began, a group or a setting changed;
   * the rooms; what disturbs one.
   */
  follow(rows, sent) {
    const shown = new Map();
    const notices = new Set();
    const changes = { list: false, rooms: false };
    for (const row of rows) {
      if (row.target_type === NOTICES) {
        notices.add(row.msg_body.event_type); // what is told of one's own settings and friends is no conversation
        continue;
      }
      const conversation = this.#of(row);
      const isEvent = row.msg_type === EVENT;
      if (conversation.isRoom) changes.rooms ||= isEvent || conversation.room === null;
      else changes.list ||= !conversation.newest || (isEvent && conversation.isGroup);
      if (conversation.isRoom && isEvent && this.#endsStay(row)) conversation.open = false;
      this.#count(conversation, row);
      conversation.typing.delete(typist(row.from_id, this.people.keyOf(row.from_appkey)));
      const before = shown.get(conversation) ?? [];
      shown.set(conversation, [...before, ...this.#place(conversation, row)]);
    }
    for (const [conversation, changed] of shown) {
      this.#tell("rows", { conversation, rows: changed, sent });
      this.#tell("typing", { conversation });
      if (conversation.isRoom) this.#tell("marks", { conversation });
    }
    this.#tell("list");
    if (notices.size) this.#tell("notices", { types: notices });
    return { ...changes, list: changes.list || notices.size > 0, quiet: notices.has("update_no_disturb") };
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
    const isRead = conversation.isRoom || row.msgid <= conversation.readUpTo; // nothing waits in a chatroom
    return row.msg_type !== EVENT && !this.people.isOwn(row) && !isRead;
  }

  /** Somebody is typing, for a while. */
  noteTyping(conversationId, username, appkey = "") {
    const conversation = this.#byId.get(conversationId);
    if (!conversation || this.people.isSelf(username, appkey)) return;
    const who = typist(username, appkey);
    const said = { name: this.people.label(username, appkey) };
    conversation.typing.set(who, said);
    this.#tell("typing", { conversation });
    setTimeout(() => {
      if (conversation.typing.get(who) !== said) return;
      conversation.typing.delete(who);
      this.#tell("typing", { conversation });
    }, TYPING_LASTS);
  }

  /** Forget everything, and take over what the server says. */
  reset(summaries, rooms) {
    this.#byKey.clear();
    this.#byId.clear();
    this.adopt(summaries);
    this.adoptRooms(rooms);
    this.#tell("reset");
  }

  /** The conversation of a row or of a summary. */
  #of(told) {
    const known = this.#byId.get(told.conversation_id);
    if (known) return known;
    const [target, appkey] = this.#otherSide(told);
    const conversation = target
      ? this.withTarget(told.target_type, target, appkey)
      : new Conversation(this.people, told.target_type, "");
    conversation.id = told.conversation_id;
    this.#byKey.set(conversation.key, conversation);
    this.#byId.set(conversation.id, conversation);
    return conversation;
  }

  /** To whom one writes in it, and of which app: of a row that somebody else sent to oneself, its sender. */
  #otherSide(told) {
    if (told.target_type !== "single") return [told.target_id, ""];
    const isIncoming = told.from_id && !this.people.isOwn(told);
    const [name, key] = isIncoming
      ? [told.from_id, told.from_appkey]
      : [told.target_id, told.peer?.appkey ?? told.target_appkey];
    return [name, this.people.keyOf(key)];
  }

  /** Whether one can be in the room no longer after that event. */
  #endsStay({ msg_body: body }) {
    if (body.event_type === "delete_chatroom") return true;
    return body.event_type === "remove_members" && this.people.isNamed(body);
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
    if (row.msg_type === EVENT && isRetraction(row)) changed.push(...this.#retract(conversation, row.msg_body.msg_id));
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

function typist(username, appkey) {
  return `${username}:${appkey}`;
}
