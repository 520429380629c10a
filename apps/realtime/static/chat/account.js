/** The dialog about oneself: where one is signed in, the language, the way out. */

import { badge, byId, copyOf, openDialog, part, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { exactly, text } from "./strings.js";

export class AccountDialog {
  #client;
  #error = byId("account-error");
  #abort = new AbortController();

  /**
   * @param client of the user
   * @param user   {username, nickname?}
   * @param leave  called when the user wants to log out
   */
  constructor(client, user, leave) {
    this.#client = client;
    const { signal } = this.#abort;
    const name = user.nickname || user.username;
    byId("own-name").textContent = name;
    badge(byId("own-badge"), name);
    byId("account-title").textContent = name;
    tell(byId("account-username"), user.nickname ? user.username : "");
    byId("open-account").addEventListener("click", () => this.#open(), { signal });
    byId("log-out").addEventListener("click", leave, { signal });
  }

  end() {
    this.#abort.abort();
  }

  async #open() {
    byId("sessions").replaceChildren();
    openDialog(byId("account"));
    await this.#refresh();
  }

  async #refresh() {
    const show = async () => {
      const items = (await this.#client.sessions()).map((session) => this.#itemOf(session));
      byId("sessions").replaceChildren(...items);
    };
    await attempt(show, this.#error);
  }

  #itemOf(session) {
    const item = copyOf("person");
    const platform = text(`platform_${session.platform}`);
    const device = session.device_id ? `${platform} · ${session.device_id}` : platform;
    badge(part(item, "badge"), platform);
    part(item, "name").textContent = device;
    const seen = session.online
      ? text("device_online")
      : text("last_seen", { time: exactly(session.last_seen_at) });
    part(item, "note").textContent = session.current ? text("this_device") : seen;
    const end = part(item, "remove");
    end.textContent = text("end_session");
    end.setAttribute("aria-label", text("end_session_of", { device }));
    end.hidden = session.current;
    end.addEventListener("click", () => this.#endSession(session.session_id));
    return item;
  }

  async #endSession(sessionId) {
    if (await attempt(() => this.#client.endSession(sessionId), this.#error)) await this.#refresh();
  }
}
