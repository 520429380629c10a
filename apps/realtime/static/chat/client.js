/** What the user can do, and what happens to them: the store, the outbox and the connection put together. */

import { Connection } from "./connection.js";
import { Media } from "./media.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Relations } from "./relations.js";
import { Rooms } from "./rooms.js";
import { Store } from "./store.js";

const PAGE = 50;
const LIST_PAGE = 200;
/** Pages of the list that are read; whoever has more conversations finds the others by name. */
const LIST_PAGES = 5;
/** Milliseconds between two times that one says to be typing. */
const TYPING_EVERY = 3000;

export class Client {
  #typedAt = new Map();
  #api;
  #hasJustBegun = false;

  /**
   * @param api      with the user's token
   * @param username of the user
   * @param appkey   of the user's app
   * @param place    of the outbox in the session's storage
   * @param on       `state()` of the connection, `ended()` when the session is over
   */
  constructor(api, username, appkey, place, on) {
    this.#api = api;
    this.people = new People(username, appkey);
    this.store = new Store(this.people);
    this.rooms = new Rooms(api, this.store);
    this.media = new Media(api);
    this.outbox = new Outbox(place, {
      deliver: (entry) => this.#deliver(entry),
      sent: (entry, answer) => this.#confirm(entry, answer),
      changed: (entry) => this.#outboxChanged(entry),
    });
    this.connection = new Connection(api, {
      begin: () => this.#begin(),
      ready: () => this.#ready(),
      rows: (rows) => this.#follow(rows),
      typing: (frame) => this.store.noteTyping(frame.conversation_id, frame.username, frame.appkey),
      read: (frame) => this.#noteRead(frame),
      state: () => {
        if (this.connection.state !== "online") this.store.mistrustRooms();
        on.state();
      },
      ended: on.ended,
    });
  }

  start() {
    this.connection.start();
  }

  stop() {
    this.media.end();
    this.connection.stop();
  }

  /** Load the page before what is loaded, or the last one. */
  async loadOlder(conversation) {
    conversation.opened = true;
    const asked = new URLSearchParams({ limit: String(PAGE) });
    const oldest = conversation.rows[0]?.msgid;
    if (oldest !== undefined) asked.set("before", String(oldest));
    const path = `/conversations/${conversation.id}/messages?${asked}`;
    const page = await this.#api.call("GET", path);
    this.store.prepend(conversation, page.messages, page.has_more);
  }

  /** Send a text, now or as soon as there is a connection. */
  send(conversation, text) {
    this.#send(conversation, "text", { text });
  }

  /** Store a file, and send a message with it. */
  async sendFile(conversation, file, signal) {
    const { type, body } = await this.media.store(file, signal);
    this.#send(conversation, type, body);
  }

  retract(row) {
    return this.#api.call("POST", `/messages/${row.msgid}/retract`);
  }

  /** Say that the conversation has been read to where it now ends. */
  markRead(conversation) {
    const unread = conversation.rows.filter((row) => this.store.isUnread(conversation, row));
    if (conversation.id === null || conversation.isRoom || !unread.length) return;
    const { msgid } = unread.at(-1);
    this.store.readTo(conversation, msgid);
    this.connection.tell({ type: "read", conversation_id: conversation.id, msg_id: msgid });
  }

  /** Say that one is typing: not more often than it needs to be said. */
  type(conversation) {
    const before = this.#typedAt.get(conversation.key) ?? 0;
    if (conversation.id === null || conversation.isRoom || Date.now() - before < TYPING_EVERY) return;
    this.#typedAt.set(conversation.key, Date.now());
    this.connection.tell({ type: "typing", conversation_id: conversation.id });
  }

  /** The new group's conversation. */
  async createGroup(name, usernames) {
    const body = { name, ...(usernames.length ? { members_username: usernames } : {}) };
    const group = await this.#api.call("POST", "/groups", body);
    await this.readList();
    return this.store.withTarget("group", String(group.gid));
  }

  async membersOf(conversation) {
    return (await this.#api.call("GET", `/groups/${conversation.targetId}/members`)).members;
  }

  addMember(conversation, username) {
    return this.#changeMembers(conversation, { add: [username] });
  }

  removeMember(conversation, username) {
    return this.#changeMembers(conversation, { remove: [username] });
  }

  leave(conversation) {
    return this.#api.call("POST", `/groups/${conversation.targetId}/leave`);
  }

  /** What one has set for oneself, and whom one has on which list. */
  get relations() {
    return new Relations(this.#api, this.people);
  }

  async sessions() {
    return (await this.#api.call("GET", "/sessions")).sessions;
  }

  endSession(sessionId) {
    return this.#api.call("DELETE", `/sessions/${sessionId}`);
  }

  #changeMembers(conversation, changes) {
    return this.#api.call("POST", `/groups/${conversation.targetId}/members`, changes);
  }

  #send(conversation, type, body) {
    conversation.opened = true;
    this.#typedAt.delete(conversation.key);
    this.outbox.add(conversation, type, body);
  }

  /** Read everything; the cursor to follow from. */
  async #begin() {
    const [{ conversations, cursor }, { apps }, rooms] = await Promise.all([
      this.#list(),
      this.#api.call("GET", "/apps"),
      this.rooms.own(),
      this.#readQuiet(),
    ]);
    this.people.know(apps);
    this.store.reset(conversations, rooms);
    for (const { targetType, targetId, appkey } of this.outbox.targets) {
      this.store.withTarget(targetType, targetId, appkey);
    }
    this.#hasJustBegun = true;
    return cursor;
  }

  /** A line stands. What passed unheard, such as who has read what, is in the list. */
  async #ready() {
    this.outbox.flush();
    if (this.#hasJustBegun) this.#hasJustBegun = false;
    else await this.#tolerant(this.readList());
  }

  /** Learn whether anything may disturb one. */
  async #readQuiet() {
    this.store.setQuiet((await this.#api.call("GET", "/no-disturb")).global === 1);
  }

  /** Bring the list up to date, and tell the server again what it has not heard. */
  async readList() {
    const { conversations } = await this.#list();
    for (const { conversation_id: id, read_up_to: heard } of conversations) {
      const said = this.store.byId(id)?.readUpTo ?? 0;
      if (said > heard) this.connection.tell({ type: "read", conversation_id: id, msg_id: said });
    }
    this.store.adopt(conversations);
  }

  /** What the server says of the conversations, and the cursor from before it was asked. */
  async #list() {
    const conversations = [];
    let cursor = null;
    for (let pages = 0; pages < LIST_PAGES; pages += 1) {
      const asked = new URLSearchParams({ limit: String(LIST_PAGE) });
      if (pages > 0) asked.set("before", String(conversations.at(-1).last_message.msgid));
      const page = await this.#api.call("GET", `/conversations?${asked}`);
      cursor ??= page.cursor;
      conversations.push(...page.conversations);
      if (page.conversations.length < LIST_PAGE) break;
    }
    return { conversations, cursor };
  }

  #follow(rows) {
    const sent = new Map();
    for (const row of rows) {
      const key = row.target_type === "single" ? this.people.keyOf(row.target_appkey) : "";
      const id = this.people.isOwn(row) ? this.outbox.recognise(row, key) : null;
      if (id !== null) sent.set(id, row.msgid);
    }
    const changed = this.store.follow(rows, sent);
    if (changed.list) this.#tolerant(this.readList());
    if (changed.rooms) this.#tolerant(this.rooms.read());
    if (changed.quiet) this.#tolerant(this.#readQuiet());
  }

  #noteRead({ conversation_id: id, username, appkey, read_up_to: msgId }) {
    if (!this.people.isSelf(username, appkey)) this.store.notePeerRead(id, msgId);
    else if (this.store.byId(id)) this.#tolerant(this.readList()); // on another device of one's own
  }

  async #deliver(entry) {
    const message = {
      target_type: entry.targetType,
      target_id: entry.targetId,
      msg_type: entry.type,
      msg_body: entry.body,
      client_msg_id: entry.id,
      ...(entry.appkey ? { target_appkey: entry.appkey } : {}),
    };
    return this.connection.ask({ type: "send", message });
  }

  #confirm(entry, { msg_id: msgid, msg_ctime: at }) {
    const conversation = this.store.withTarget(entry.targetType, entry.targetId, entry.appkey);
    const row = {
      msgid,
      msg_ctime: at,
      conversation_id: conversation.id,
      target_type: entry.targetType,
      target_id: entry.targetId,
      from_type: "user",
      from_id: this.people.username,
      from_appkey: this.people.appkey,
      msg_type: entry.type,
      msg_body: entry.body,
    };
    this.store.confirm(conversation, row, entry.id);
  }

  #outboxChanged(entry) {
    const conversation = this.store.withTarget(entry.targetType, entry.targetId, entry.appkey);
    this.store.dispatchEvent(new CustomEvent("outbox", { detail: { conversation, entry } }));
  }

  /** What fails here is made good at the next occasion. */
  async #tolerant(attempt) {
    try {
      await attempt;
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
    }
  }
}
