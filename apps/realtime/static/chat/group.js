/** The dialog about a group: who is in it; its owner lets people in and out, the others may leave. */

import { badge, byId, copyOf, openDialog, part, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { text } from "./strings.js";

export class GroupDialog {
  #client;
  #conversation = null;
  #error = byId("group-error");
  #abort = new AbortController();

  /**
   * @param client that does it
   * @param shown  answers the conversation that is open
   */
  constructor(client, shown) {
    this.#client = client;
    const { signal } = this.#abort;
    const open = () => shown().isGroup && this.#open(shown());
    byId("open-members").addEventListener("click", open, { signal });
    byId("group-add").addEventListener("submit", (event) => this.#add(event), { signal });
    byId("group-leave").addEventListener("click", () => this.#leave(), { signal });
    client.store.addEventListener("rows", (event) => this.#heard(event), { signal });
  }

  end() {
    this.#abort.abort();
  }

  get #isOwner() {
    const { owner_username: name, owner_appkey: appkey } = this.#conversation.group ?? {};
    return this.#client.people.isSelf(name, appkey);
  }

  async #open(conversation) {
    this.#conversation = conversation;
    byId("group-members").replaceChildren();
    tell(this.#error, "");
    byId("group-add").reset();
    byId("group-add").hidden = !this.#isOwner;
    byId("group-leave").hidden = this.#isOwner;
    openDialog(byId("group"));
    await this.#refresh();
  }

  async #refresh() {
    const show = async () => {
      const members = await this.#client.membersOf(this.#conversation);
      const items = members.map((member) => this.#itemOf(member));
      byId("group-members").replaceChildren(...items);
    };
    await attempt(show, this.#error);
  }

  /** Who is in it may have changed. */
  #heard({ detail: { conversation, rows } }) {
    const isOpen = byId("group").open && conversation === this.#conversation;
    if (isOpen && rows.some((row) => row.msg_type === "event")) this.#refresh();
  }

  #itemOf({ username, nickname, appkey, flag }) {
    const item = copyOf("person");
    const isOwner = flag === 1;
    const { people } = this.#client;
    badge(part(item, "badge"), nickname || username);
    part(item, "name").textContent = people.label(nickname || username, appkey);
    const notes = [nickname ? username : "", isOwner ? text("owner") : ""];
    part(item, "note").textContent = notes.filter(Boolean).join(" · ");
    const remove = part(item, "remove");
    remove.textContent = text("remove");
    remove.setAttribute("aria-label", text("remove_named", { name: username }));
    remove.hidden = !this.#isOwner || isOwner || people.keyOf(appkey) !== ""; // its app's server takes those out
    remove.addEventListener("click", () => {
      this.#change(() => this.#client.removeMember(this.#conversation, username));
    });
    return item;
  }

  async #add(event) {
    event.preventDefault();
    const field = byId("group-add-username");
    const username = field.value.trim();
    if (!username) return;
    const add = () => this.#client.addMember(this.#conversation, username);
    if (await this.#change(add)) field.value = "";
  }

  async #change(action) {
    const isDone = await attempt(action, this.#error);
    if (isDone) await this.#refresh();
    return isDone;
  }

  async #leave() {
    if (await attempt(() => this.#client.leave(this.#conversation), this.#error)) byId("group").close();
  }
}
