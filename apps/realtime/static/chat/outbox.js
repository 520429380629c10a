/**
 * What the user has sent and the server has not confirmed. Each message keeps its own id for all its tries, by
 * which the server stores it once; the outbox outlives a reload of the page.
 */

/** Milliseconds until a try after one that failed, where nothing else brings it about. */
const PAUSE = 3000;

/**
 * An entry: {id, targetType, targetId, appkey, type, body, at, state, reason, seenAs}, a message of that type,
 * where `state` is "waiting", "sending" or "failed" with a `reason` (an error), and `seenAs` is the row that is
 * most likely this message, stored by a try whose answer is still out.
 */
export class Outbox {
  #place;
  #on;
  #entries;
  #busy = false;
  #timer = 0;

  /**
   * @param place in the session's storage
   * @param on    `deliver(entry)` answers {msg_id, msg_ctime} or throws Refused or Unreachable;
   *              `sent(entry, answer)`; `changed(entry)`, after which it may be gone
   */
  constructor(place, on) {
    this.#place = place;
    this.#on = on;
    const kept = JSON.parse(sessionStorage.getItem(place) ?? "[]");
    this.#entries = kept.map((entry) => ({ appkey: "", ...entry, state: "waiting", reason: null }));
  }

  /** What waits in a conversation, in the order of sending, without what was seen in the log. */
  of(conversation) {
    return this.#entries.filter(
      (entry) =>
        entry.targetType === conversation.targetType &&
        entry.targetId === conversation.targetId &&
        entry.appkey === conversation.appkey &&
        entry.seenAs === null,
    );
  }

  /** The targets of all that waits. */
  get targets() {
    return this.#entries.map(({ targetType, targetId, appkey }) => ({ targetType, targetId, appkey }));
  }

  add(conversation, type, body) {
    const entry = {
      id: newId(),
      targetType: conversation.targetType,
      targetId: conversation.targetId,
      appkey: conversation.appkey,
      type,
      body,
      at: Date.now(),
      state: "waiting",
      reason: null,
      seenAs: null,
    };
    this.#entries.push(entry);
    this.#save();
    this.#on.changed(entry);
    this.flush();
  }

  /** Try again what was refused. */
  again(entry) {
    entry.state = "waiting";
    entry.reason = null;
    this.#on.changed(entry);
    this.flush();
  }

  /** Give it up. */
  discard(entry) {
    this.#remove(entry);
    this.#on.changed(entry);
  }

  /** Give all up, and stop. */
  clear() {
    clearTimeout(this.#timer);
    this.#entries = [];
    sessionStorage.removeItem(this.#place);
  }

  /**
   * A row of one's own has come by the log: the entry that it must be, if its answer is still out.
   * The log is often faster than the answer. `appkey` is the target's, where that is a user of another app.
   */
  recognise(row, appkey) {
    const entry = this.#entries.find(
      ({ targetType, targetId, appkey: key, type, body, state, seenAs }) =>
        state === "sending" &&
        seenAs === null &&
        targetType === row.target_type &&
        targetId === row.target_id &&
        key === appkey &&
        type === row.msg_type &&
        body.text === row.msg_body.text &&
        body.media_id === row.msg_body.media_id,
    );
    if (entry) entry.seenAs = row.msgid;
    return entry?.id ?? null;
  }

  /** Send what waits, one after the other, until it is done or nobody answers. */
  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    try {
      for (;;) {
        const entry = this.#entries.find(({ state }) => state === "waiting");
        if (!entry || !(await this.#send(entry))) break;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Whether the next may go. */
  async #send(entry) {
    entry.state = "sending";
    this.#on.changed(entry);
    try {
      const answer = await this.#on.deliver(entry);
      this.#remove(entry);
      this.#on.sent(entry, answer);
      return true;
    } catch (error) {
      if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
      const passes = error.name === "Unreachable" || error.passes;
      entry.state = passes ? "waiting" : "failed";
      entry.reason = passes ? null : error;
      if (!passes) entry.seenAs = null;
      this.#on.changed(entry);
      if (passes) this.#timer = setTimeout(() => this.flush(), (error.retryAfter ?? 0) * 1000 || PAUSE);
      return !passes;
    }
  }

  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#save();
  }

  #save() {
    sessionStorage.setItem(this.#place, JSON.stringify(this.#entries));
  }
}

/** An id that nobody else has. (`crypto.randomUUID` is not there on pages without HTTPS.) */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
