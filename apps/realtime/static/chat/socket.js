/** One WebSocket, from its opening to its end. It is not opened again: that is the connection's affair. */

import { Refused, Unreachable } from "./api.js";

const PING_EVERY = 20_000;
const ANSWER_WITHIN = 10_000;

export class Socket {
  #socket;
  #asked = new Map();
  #lastId = 0;
  #pinging = 0;
  #patience = 0;
  #end;
  opened = false;

  /**
   * @param address of the socket
   * @param hello   the first frame, which names the token and the cursor
   * @param on      `frame(frame)` for what the server tells, and `end({code, reason, opened})`, once
   */
  constructor(address, hello, on) {
    this.#end = on.end;
    this.#socket = new WebSocket(address);
    this.#patience = setTimeout(() => this.#finish(0, ""), ANSWER_WITHIN);
    this.#socket.onopen = () => {
      this.opened = true;
      this.tell(hello);
    };
    this.#socket.onmessage = (event) => this.#hear(JSON.parse(event.data), on.frame);
    this.#socket.onclose = (event) => this.#finish(event.code, event.reason);
  }

  /** Say something that needs no answer. */
  tell(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Say something; its answer. Throws Refused, or Unreachable when the socket ends before. */
  ask(frame) {
    return new Promise((resolve, reject) => {
      const id = String(++this.#lastId);
      const timer = setTimeout(() => this.#finish(0, ""), ANSWER_WITHIN);
      this.#asked.set(id, { resolve, reject, timer });
      this.tell({ ...frame, id });
    });
  }

  /** End it, and tell nobody. */
  close() {
    this.#end = () => {};
    this.#finish(1000, "");
  }

  #hear(frame, pass) {
    clearTimeout(this.#patience);
    if (frame.type === "ready") this.#pinging = setInterval(() => this.#ping(), PING_EVERY);
    const asked = this.#asked.get(String(frame.id));
    if (!asked) {
      pass(frame);
      return;
    }
    this.#asked.delete(String(frame.id));
    clearTimeout(asked.timer);
    if (frame.type === "error") asked.reject(refusalOf(frame.error));
    else asked.resolve(frame);
  }

  /** A line that is cut without a word is noticed by the answer that stays away. */
  #ping() {
    this.ask({ type: "ping" }).catch(() => {});
  }

  #finish(code, reason) {
    if (!this.#socket) return;
    const socket = this.#socket;
    this.#socket = { readyState: WebSocket.CLOSED };
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    clearInterval(this.#pinging);
    clearTimeout(this.#patience);
    for (const asked of this.#asked.values()) {
      clearTimeout(asked.timer);
      asked.reject(new Unreachable("the connection ended"));
    }
    this.#asked.clear();
    const end = this.#end;
    this.#end = () => {};
    end({ code, reason, opened: this.opened });
  }
}

/** A refusal over the socket. Its status is not told: what passes by itself is known by its number. */
function refusalOf(error) {
  const passes = [2001, 803010, 899000, 899030].includes(error.code);
  return new Refused(passes ? 503 : 403, error.code, error.message);
}
