/** The line to the server: opened, watched, and opened again, each time from where it had come. */

import { Polling } from "./polling.js";
import { Socket } from "./socket.js";
import { Unreachable } from "./api.js";

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** Sockets that did not open, though the server answered requests, before long-polls are tried. */
const SOCKETS_TRIED = 2;
/** Failures in a row after which the line counts as down. */
const DOWN_AFTER = 3;

const TOKEN_ENDED = 4401;
const TOO_SLOW = 4408;
const CURSOR_OUTLIVED = 4410;

export class Connection {
  /** "connecting", "online", "reconnecting" or "offline". */
  state = "connecting";
  /** The cursor after the last row that was taken; null while everything is still to be read. */
  cursor = null;
  /** When it tries again, in milliseconds since 1970, while it waits. */
  nextTry = null;

  #api;
  #on;
  #line = null;
  #timer = 0;
  #failures = 0;
  #socketsFailed = 0;
  #running = false;
  #isOpening = false;
  #abort = new AbortController();

  /**
   * @param api with the token
   * @param on  `begin()` reads everything and answers the cursor to follow from, or throws; `ready()` when a line
   *            stands; `rows(rows)`, `typing(frame)`, `read(frame)`; `state()` when it has another;
   *            `ended()` when the token is no good any more
   */
  constructor(api, on) {
    this.#api = api;
    this.#on = on;
  }

  /** Begin, and follow from there. */
  start() {
    this.#running = true;
    const wake = (event) => this.#wake(event);
    const { signal } = this.#abort;
    addEventListener("online", wake, { signal });
    addEventListener("offline", wake, { signal });
    document.addEventListener("visibilitychange", wake, { signal });
    this.#open();
  }

  /** Hang up, for good. */
  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#line?.close();
    this.#line = null;
  }

  /** Try again now. */
  retry() {
    if (!this.#running || this.#line || this.#isOpening) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  /** Say something that may be lost. */
  tell(frame) {
    if (this.state === "online") this.#line?.tell(frame);
  }

  /** Say something that is answered. Throws Refused, or Unreachable while there is no line. */
  async ask(frame) {
    if (this.state !== "online" || !this.#line) throw new Unreachable("not connected");
    return this.#line.ask(frame);
  }

  async #open() {
    this.nextTry = null;
    this.#isOpening = true;
    const cursor = this.cursor ?? (await this.#begin());
    this.#isOpening = false;
    if (cursor === null || !this.#running) return;
    this.cursor = cursor;
    const on = { frame: (frame) => this.#hear(frame), end: (end) => this.#ended(end) };
    if (this.#socketsFailed >= SOCKETS_TRIED) {
      this.#socketsFailed = 0; // should that end, sockets are tried again
      this.#line = new Polling(this.#api, cursor, on);
    } else {
      const hello = { type: "auth", token: this.#api.token, after: cursor };
      this.#line = new Socket(this.#api.socketAddress, hello, on);
    }
  }

  /** The cursor to follow from; null if it could not be had now. */
  async #begin() {
    try {
      return await this.#on.begin();
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
      if (!error.endsSession) this.#pause(); // else the API has told
      return null;
    }
  }

  #hear(frame) {
    if (frame.type === "ready") {
      this.#failures = 0;
      if (this.#line instanceof Socket) this.#socketsFailed = 0;
      this.#become("online");
      this.#on.ready();
    } else if (frame.type === "messages") {
      this.#on.rows(frame.messages);
      this.cursor = frame.cursor;
      this.#line?.tell({ type: "ack", cursor: frame.cursor });
    } else if (frame.type === "typing") {
      this.#on.typing(frame);
    } else if (frame.type === "read") {
      this.#on.read(frame);
    }
  }

  #ended({ code, reason, opened }) {
    const wasSocket = this.#line instanceof Socket;
    this.#line = null;
    if (!this.#running) return;
    if (wasSocket && !opened) this.#suspectSockets();
    if (code === TOKEN_ENDED) {
      this.stop();
      this.#on.ended();
      return;
    }
    if (code === TOO_SLOW && reason) this.cursor = reason;
    if (code === CURSOR_OUTLIVED) this.cursor = null;
    this.#pause();
  }

  /** Wait, and open it again. */
  #pause() {
    this.#failures += 1;
    const pause = pauseAfter(this.#failures);
    this.nextTry = Date.now() + pause;
    this.#timer = setTimeout(() => this.retry(), pause);
    this.#become(!navigator.onLine || this.#failures >= DOWN_AFTER ? "offline" : "reconnecting");
  }

  /** Whether something on the way lets requests pass and sockets not; a server that is down lets neither. */
  async #suspectSockets() {
    try {
      await this.#api.call("GET", "/me");
      this.#socketsFailed += 1;
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
    }
  }

  /** The network, or the reader, has come back or gone. */
  #wake(event) {
    if (event.type === "offline" && !this.#line) this.#become("offline");
    if (event.type === "online" || (event.type !== "offline" && !document.hidden)) this.retry();
  }

  #become(state) {
    this.state = state;
    this.#on.state();
  }
}

/** Doubled with each failure, and spread, so that not all clients come back at once. */
function pauseAfter(failures) {
  const longest = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** (failures - 1));
  return longest / 2 + Math.random() * (longest / 2);
}
