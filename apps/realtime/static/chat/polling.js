/** Following by long-polls, where no WebSocket can be had. Speaks to the connection as a socket does. */

import { Refused } from "./api.js";

const WAIT_SECONDS = 25;

export class Polling {
  #api;
  #on;
  #stop = new AbortController();
  opened = false;

  /**
   * @param api   with the token
   * @param after the cursor to follow from, or null for the beginning
   * @param on    `frame(frame)` and `end({code, reason, opened})`, as of a socket
   */
  constructor(api, after, on) {
    this.#api = api;
    this.#on = on;
    this.#follow(after);
  }

  /** Typing and reading are told by requests of their own. */
  tell(frame) {
    const path = `/conversations/${frame.conversation_id}`;
    if (frame.type === "typing") this.#try("POST", `${path}/typing`, {});
    if (frame.type === "read") this.#try("PUT", `${path}/read`, { msg_id: frame.msg_id });
  }

  /** Send a message. */
  ask(frame) {
    return this.#api.call("POST", "/messages", frame.message);
  }

  close() {
    this.#on = { frame: () => {}, end: () => {} };
    this.#stop.abort();
  }

  async #follow(after) {
    let cursor = after;
    let wait = 0; // the first answer shows that the server is there
    try {
      for (;;) {
        const asked = new URLSearchParams({ limit: "100", wait: String(wait) });
        if (cursor !== null) asked.set("after", cursor);
        const page = await this.#api.call("GET", `/sync?${asked}`, undefined, this.#stop.signal);
        if (this.#stop.signal.aborted) return;
        // What a socket would have told besides, such as who has read what, is asked for after each wait.
        if (!this.opened || wait) this.#on.frame({ type: "ready", cursor });
        this.opened = true;
        cursor = page.cursor;
        this.#on.frame({ type: "messages", messages: page.messages, cursor });
        wait = page.has_more ? 0 : WAIT_SECONDS;
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof Refused) && error.name !== "Unreachable") throw error;
      this.#on.end({ code: closeCodeOf(error), reason: "", opened: this.opened });
    }
  }

  /** What is lost without harm. */
  #try(method, path, body) {
    this.#api.call(method, path, body).catch((error) => {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
    });
  }
}

/** The close code that a socket would have had for it. */
function closeCodeOf(error) {
  if (error.endsSession) return 4401;
  if (error.code === 890001 || error.code === 890002) return 4410;
  return 1006;
}
