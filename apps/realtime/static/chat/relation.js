/** The dialog about the open conversation: whether it disturbs, and what one has to do with the other. */

import { byId, openDialog, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { text } from "./strings.js";
import { nameOf } from "./thread.js";

export class RelationDialog {
  #client;
  #conversation = null;
  #error = byId("relation-error");
  #abort = new AbortController();

  /**
   * @param client that does it
   * @param shown  answers the conversation that is open
   */
  constructor(client, shown) {
    this.#client = client;
    const { signal } = this.#abort;
    byId("open-relation").addEventListener("click", () => this.#open(shown()), { signal });
    const set = (name, change) => {
      byId(name).addEventListener("change", (event) => this.#set(event.target, change), { signal });
    };
    set("relation-quiet", (isOn) => this.#setQuiet(isOn));
    set("relation-shield", (isOn) => this.#client.relations.setShielded(Number(this.#conversation.targetId), isOn));
    set("relation-block", (isOn) => this.#relate(isOn ? "block" : "unblock"));
    set("relation-friend", (isOn) => this.#relate(isOn ? "addFriend" : "removeFriend"));
    byId("relation-note-form").addEventListener("submit", (event) => this.#note(event), { signal });
    client.store.addEventListener("notices", () => byId("relation").open && this.#refresh(), { signal });
  }

  end() {
    this.#abort.abort();
  }

  async #open(conversation) {
    this.#conversation = conversation;
    const { isGroup } = conversation;
    byId("relation-title").textContent = nameOf(conversation);
    tell(byId("relation-username"), isGroup || conversation.title === conversation.targetId ? "" : conversation.targetId);
    byId("relation-quiet-hint").textContent = text(isGroup ? "quiet_group_hint" : "quiet_user_hint");
    byId("relation-of-group").hidden = !isGroup;
    byId("relation-of-user").hidden = isGroup;
    byId("relation-note-form").hidden = true;
    this.#show({ friend: null, isBlocked: false });
    openDialog(byId("relation"));
    await this.#refresh();
  }

  async #refresh() {
    const conversation = this.#conversation;
    const read = async () => {
      await this.#client.readList();
      const found = conversation.isGroup ? { friend: null, isBlocked: false } : await this.#found();
      if (conversation === this.#conversation) this.#show(found);
    };
    await attempt(read, this.#error);
  }

  /** The other among one's friends, and whether one blocks them. */
  async #found() {
    const { relations } = this.#client;
    const [friends, blocked] = await Promise.all([relations.friends(), relations.blocked()]);
    const isOther = (user) => this.#isOther(user);
    return { friend: friends.find(isOther) ?? null, isBlocked: blocked.some(isOther) };
  }

  #isOther({ username, appkey }) {
    const { targetId, appkey: key, people } = this.#conversation;
    return username === targetId && people.keyOf(appkey) === key;
  }

  #show({ friend, isBlocked }) {
    byId("relation-quiet").checked = this.#conversation.noDisturb;
    byId("relation-shield").checked = this.#conversation.shielded;
    byId("relation-block").checked = isBlocked;
    byId("relation-friend").checked = friend !== null;
    const form = byId("relation-note-form");
    const field = byId("relation-note");
    if (form.hidden || document.activeElement !== field) field.value = friend?.note_name ?? "";
    form.hidden = friend === null;
  }

  /** A switch was turned: do it, and show what is so then, whether or not it was done. */
  async #set(field, change) {
    const reason = byId("relation-error");
    field.disabled = true;
    const isDone = await attempt(() => change(field.checked), reason);
    field.disabled = false;
    if (isDone) await this.#refresh();
    else field.checked = !field.checked;
    field.focus();
  }

  #setQuiet(isOn) {
    const { relations } = this.#client;
    const { isGroup, targetId, appkey } = this.#conversation;
    return isGroup
      ? relations.setQuietGroup(Number(targetId), isOn)
      : relations.setQuietUser(targetId, appkey, isOn);
  }

  #relate(deed) {
    const { targetId, appkey } = this.#conversation;
    return this.#client.relations[deed](targetId, appkey);
  }

  async #note(event) {
    event.preventDefault();
    const { targetId, appkey } = this.#conversation;
    const note = byId("relation-note").value.trim();
    const write = () => this.#client.relations.noteFriend(targetId, appkey, note);
    if (await attempt(write, this.#error)) byId("relation-saved").textContent = text("saved");
  }
}
