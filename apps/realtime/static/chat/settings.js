/** What one has set for oneself, in the dialog about oneself: what disturbs, shields, blocks, friends. */

import { badge, byId, copyOf, offerApps, part } from "./dom.js";
import { attempt } from "./notice.js";
import { text } from "./strings.js";

export class SettingsLists {
  #client;
  #open;
  #error = byId("settings-error");
  #abort = new AbortController();

  /**
   * @param client that does it
   * @param open   called with the conversation that the user wants to see
   */
  constructor(client, open) {
    this.#client = client;
    this.#open = open;
    const { signal } = this.#abort;
    byId("open-account").addEventListener("click", () => this.#opened(), { signal });
    byId("settings-quiet").addEventListener("change", (event) => this.#setQuiet(event.target), { signal });
    for (const [name, deed] of [["block", "block"], ["friend", "addFriend"]]) {
      byId(`settings-${name}`).addEventListener("submit", (event) => this.#add(event, name, deed), { signal });
    }
    const isOpen = () => byId("account").open;
    client.store.addEventListener("notices", () => isOpen() && this.refresh(), { signal });
    client.store.addEventListener("list", () => this.#showQuiet(), { signal });
  }

  end() {
    this.#abort.abort();
  }

  /** Read it all anew. */
  async refresh() {
    const show = async () => {
      const { relations } = this.#client;
      const [quiet, shielded, blocked, friends, groups] = await Promise.all([
        relations.quiet(),
        relations.shielded(),
        relations.blocked(),
        relations.friends(),
        relations.groups(),
      ]);
      const names = new Map(groups.map(({ gid, name }) => [gid, name]));
      const groupOf = (gid) => ({ gid, name: names.get(gid) ?? String(gid) });
      this.#client.store.setQuiet(quiet.global === 1);
      this.#list("quiet", [
        ...quiet.single.map((user) => this.#userOf(user, "disturb_again", "setQuietUser")),
        ...quiet.group.map((gid) => this.#groupOf(groupOf(gid), "disturb_again", "setQuietGroup")),
      ]);
      this.#list("shields", shielded.map((gid) => this.#groupOf(groupOf(gid), "hear_again", "setShielded")));
      this.#list("blocks", blocked.map((user) => this.#userOf(user, "unblock", "unblock")));
      this.#list("friends", friends.map((user) => this.#friendOf(user)));
    };
    await attempt(show, this.#error);
  }

  async #opened() {
    const { apps } = this.#client.people;
    for (const name of ["block", "friend"]) {
      byId(`settings-${name}`).reset();
      offerApps(byId(`settings-${name}-app`), byId(`settings-${name}-app-label`), apps);
    }
    this.#showQuiet();
    await this.refresh();
  }

  #showQuiet() {
    byId("settings-quiet").checked = this.#client.store.isQuiet;
  }

  #list(name, items) {
    const list = byId(`settings-${name}-list`);
    const had = list.contains(document.activeElement);
    list.replaceChildren(...items);
    byId(`settings-${name}-count`).textContent = items.length ? String(items.length) : "";
    byId(`settings-${name}-none`).hidden = items.length > 0;
    if (had) list.closest("details").querySelector("summary").focus();
  }

  #userOf(user, what, deed) {
    const { people, relations } = this.#client;
    const { username, appkey, nickname } = user;
    const undo = () => relations[deed](username, appkey, false);
    return this.#itemOf(people.label(nickname || username, appkey), nickname ? username : "", "", what, undo);
  }

  #groupOf({ gid, name }, what, deed) {
    return this.#itemOf(name, "", "group", what, () => this.#client.relations[deed](gid, false));
  }

  #friendOf(friend) {
    const { people, relations, store } = this.#client;
    const { username, appkey, nickname, note_name: note } = friend;
    const name = people.label(note || nickname || username, appkey);
    const undo = () => relations.removeFriend(username, appkey);
    const item = this.#itemOf(name, note || nickname ? username : "", "", "remove", undo);
    const write = part(item, "open");
    write.hidden = false;
    write.textContent = text("write");
    write.setAttribute("aria-label", text("write_to", { name }));
    write.addEventListener("click", () => {
      byId("account").close();
      this.#open(store.withTarget("single", username, people.keyOf(appkey)));
    });
    return item;
  }

  #itemOf(name, note, shape, what, undo) {
    const item = copyOf("person");
    badge(part(item, "badge"), name, shape);
    part(item, "name").textContent = name;
    part(item, "note").textContent = note;
    const button = part(item, "remove");
    button.textContent = text(what);
    button.setAttribute("aria-label", text(`${what}_named`, { name }));
    button.hidden = false;
    button.addEventListener("click", () => this.#change(undo));
    return item;
  }

  async #change(action) {
    const isDone = await attempt(action, this.#error);
    if (isDone) await this.refresh();
    return isDone;
  }

  async #setQuiet(field) {
    field.disabled = true;
    const isDone = await attempt(() => this.#client.relations.setQuiet(field.checked), this.#error);
    field.disabled = false;
    if (isDone) this.#client.store.setQuiet(field.checked);
    else field.checked = !field.checked;
    field.focus();
  }

  async #add(event, name, deed) {
    event.preventDefault();
    const field = byId(`settings-${name}-username`);
    const username = field.value.trim();
    if (!username) return;
    const { value: appkey } = byId(`settings-${name}-app`);
    if (await this.#change(() => this.#client.relations[deed](username, appkey))) field.value = "";
    field.focus();
  }
}
