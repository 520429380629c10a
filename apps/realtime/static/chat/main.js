/** The page: who is signed in, and which of its parts are shown. */

import { AccountDialog } from "./account.js";
import { Api } from "./api.js";
import { Beginnings } from "./beginnings.js";
import { RoomDialogs } from "./chatrooms.js";
import { Client } from "./client.js";
import { Composer } from "./composer.js";
import { Conversations } from "./conversations.js";
import { byId, isNarrow } from "./dom.js";
import { GroupDialog } from "./group.js";
import { Login, forgetSession, keepSession, keptSession } from "./login.js";
import { attempt } from "./notice.js";
import { RelationDialog } from "./relation.js";
import { SettingsLists } from "./settings.js";
import { text } from "./strings.js";
import { Thread } from "./thread.js";

const { bodyLimit, mediaLimit, retractSeconds } = document.body.dataset;
/** Milliseconds between two looks at whether the token is half through its life. */
const RENEWAL_LOOKED_FOR_EVERY = 600_000;

/** The page while somebody is signed in. */
class Chat {
  #api;
  #session;
  #leave;
  #timers = [];
  #abort = new AbortController();

  /**
   * @param api     with the session's token
   * @param session as it was answered, and kept
   * @param leave   called when it is over, with a word on why
   */
  constructor(api, session, leave) {
    this.#api = api;
    this.#session = session;
    this.#leave = leave;
    const { username } = session.user;
    const on = { state: () => this.#showState(), ended: () => this.end(text("session_ended")) };
    const place = `chat.outbox.${session.appkey}.${username}`;
    this.client = new Client(api, username, session.appkey, place, on);
    this.thread = new Thread(this.client, Number(retractSeconds) * 1000);
    this.composer = new Composer(this.client, Number(bodyLimit), Number(mediaLimit), () => this.#toList());
    this.list = new Conversations(this.client.store, (conversation) => this.open(conversation));
    this.parts = [
      this.thread,
      this.composer,
      this.list,
      new Beginnings(this.client, (conversation) => this.open(conversation)),
      new GroupDialog(this.client, () => this.thread.conversation),
      new AccountDialog(this.client, session.user, () => this.#logOut()),
      new SettingsLists(this.client, (conversation) => this.open(conversation)),
      new RelationDialog(this.client, () => this.thread.conversation),
      new RoomDialogs(this.client, () => this.thread.conversation, (conversation) => this.open(conversation)),
    ];
    const { signal } = this.#abort;
    const { store } = this.client;
    store.addEventListener("list", () => this.#showTitle(), { signal });
    store.addEventListener("marks", () => this.composer.refresh(), { signal });
    store.addEventListener("reset", () => this.#reopen(), { signal });
    store.addEventListener("list", () => this.#closeWhatIsGone(), { signal });
    byId("retry").addEventListener("click", () => this.client.connection.retry(), { signal });
    byId("back").addEventListener("click", () => this.#toList(), { signal });
    addEventListener("popstate", () => this.#showPane("list"), { signal });
    this.#timers.push(setInterval(() => this.#showState(), 1000));
    this.#timers.push(setInterval(() => this.#renew(), RENEWAL_LOOKED_FOR_EVERY));
  }

  start() {
    byId("chat").hidden = false;
    this.#showPane("list");
    this.#showState();
    this.#renew();
    this.client.start();
    byId("open-account").focus();
  }

  /** Show a conversation, and let the user write. */
  open(conversation) {
    this.composer.show(conversation);
    this.list.select(conversation.key);
    if (isNarrow() && byId("chat").dataset.pane === "list") history.pushState({}, "");
    this.#showPane("thread");
    this.thread.show(conversation);
    this.#enter(conversation);
    // A finger did not ask for the keyboard, which would cover half of what there is to read.
    if (matchMedia("(pointer: coarse)").matches) byId("thread-title").focus();
    else this.composer.focus();
  }

  /** It is over. */
  end(reason = "") {
    if (this.#abort.signal.aborted) return;
    this.client.stop();
    for (const part of this.parts) part.end();
    for (const timer of this.#timers) clearInterval(timer);
    this.#abort.abort();
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    byId("chat").hidden = true;
    byId("banner").hidden = true;
    document.title = text("page_title");
    forgetSession();
    this.#leave(reason);
  }

  /** Be in the chatroom that is shown, if one may have been away from it. */
  async #enter(conversation) {
    if (!conversation.isRoom || !conversation.isStale || !conversation.open) return;
    const hasEntered = await attempt(() => this.client.rooms.comeBack(conversation));
    if (hasEntered && this.thread.conversation === conversation) this.thread.show(conversation);
  }

  /** A chatroom that was left is shown no longer. */
  #closeWhatIsGone() {
    const { conversation } = this.thread;
    if (!conversation?.isRoom || this.client.store.byKey(conversation.key)) return;
    this.#toList();
    this.composer.show(null);
    this.thread.show(null);
  }

  async #logOut() {
    this.client.outbox.clear();
    this.client.stop();
    try {
      await this.#api.call("DELETE", "/sessions/current");
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
      // The token is forgotten here all the same, and expires there.
    }
    this.end();
  }

  /** Get a new token when the one there is is half through its life. */
  async #renew() {
    const { opened_at: from, expires_at: to } = this.#session;
    if (Date.now() < (from + to) / 2) return;
    try {
      const renewed = await this.#api.call("POST", "/sessions/current/renewal");
      this.#api.token = renewed.token;
      const { token, expires_at } = renewed;
      this.#session = { ...this.#session, token, expires_at, opened_at: Date.now() };
      keepSession(this.#session);
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
    }
  }

  #reopen() {
    const key = this.thread.conversation?.key;
    if (!key) return;
    const conversation = this.client.store.byKey(key);
    if (!conversation) this.#toList();
    this.composer.show(conversation ?? null);
    this.thread.show(conversation ?? null);
    if (conversation) this.#enter(conversation);
  }

  #toList() {
    if (!isNarrow()) this.list.focus();
    else if (byId("chat").dataset.pane === "thread") history.back();
  }

  #showPane(name) {
    const hasChanged = byId("chat").dataset.pane !== name;
    byId("chat").dataset.pane = name;
    if (name === "thread") this.thread.resume();
    else if (hasChanged) this.list.focus();
  }

  #resume() {
    const { conversation } = this.thread;
    if (conversation) this.#enter(conversation);
    this.thread.resume();
  }

  #showTitle() {
    const count = this.client.store.unread;
    document.title = count ? text("page_title_unread", { count }) : text("page_title");
  }

  #showState() {
    const { state, nextTry } = this.client.connection;
    const shown = byId("state");
    if (shown.dataset.state !== state || !shown.textContent) {
      shown.dataset.state = state;
      shown.textContent = text(state);
      if (state === "online") this.#resume();
    }
    byId("banner").hidden = state === "online" || state === "connecting";
    const seconds = nextTry === null ? 0 : Math.ceil((nextTry - Date.now()) / 1000);
    const told = seconds > 0 ? text("waiting", { seconds }) : text("reconnecting");
    if (byId("banner-text").textContent !== told) byId("banner-text").textContent = told;
  }
}

const api = new Api();
const login = new Login(api, enter);

function enter(session) {
  keepSession(session);
  api.token = session.token;
  const chat = new Chat(api, session, (reason) => {
    api.token = null;
    login.show(reason);
  });
  api.onEnded = () => chat.end(text("session_ended"));
  chat.start();
}

const kept = keptSession();
if (kept) enter(kept);
else login.show();
