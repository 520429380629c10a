/** The dialogs that begin something: a conversation, a group. */

import { byId, offerApps, openDialog } from "./dom.js";
import { attempt } from "./notice.js";

const NAMES_PARTED_BY = /[\s,;，、；]+/u;

export class Beginnings {
  #client;
  #open;
  #abort = new AbortController();

  /**
   * @param client that does it
   * @param open   called with the conversation that began
   */
  constructor(client, open) {
    this.#client = client;
    this.#open = open;
    const { signal } = this.#abort;
    for (const name of ["new-chat", "new-group"]) {
      byId(`open-${name}`).addEventListener("click", () => this.#openFresh(name), { signal });
    }
    byId("new-chat-form").addEventListener("submit", (event) => this.#chat(event), { signal });
    byId("new-group-form").addEventListener("submit", (event) => this.#group(event), { signal });
  }

  end() {
    this.#abort.abort();
  }

  #chat(event) {
    event.preventDefault();
    const username = byId("new-chat-username").value.trim();
    if (!username) return;
    const appkey = this.#client.people.keyOf(byId("new-chat-app").value);
    byId("new-chat").close();
    this.#open(this.#client.store.withTarget("single", username, appkey));
  }

  async #group(event) {
    event.preventDefault();
    const name = byId("new-group-name").value.trim();
    const members = byId("new-group-members").value.split(NAMES_PARTED_BY).filter(Boolean);
    if (!name) return;
    let conversation = null;
    const create = async () => {
      conversation = await this.#client.createGroup(name, [...new Set(members)]);
    };
    if (!(await attempt(create, byId("new-group-error")))) return;
    byId("new-group").close();
    this.#open(conversation);
  }

  #openFresh(name) {
    byId(`${name}-form`).reset();
    const error = byId(name).querySelector(".error");
    if (error) error.hidden = true;
    offerApps(byId("new-chat-app"), byId("new-chat-app-label"), this.#client.people.apps);
    openDialog(byId(name));
  }
}
