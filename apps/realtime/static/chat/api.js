/** The client API over HTTP. The token travels in a header, never in an address. */

const ROOT = "/client/v1";
/** A token that is unknown or expired; a user who is disabled; an app that is suspended. */
const ENDS_SESSION = [898008, 898010, 801006, 2003];

/** The server refused; `code` is its number for why, `retryAfter` in seconds. */
export class Refused extends Error {
  name = "Refused";

  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may be accepted later. */
  get passes() {
    return this.status === 429 || this.status >= 500;
  }

  /** Whether the token is no good any more. */
  get endsSession() {
    return ENDS_SESSION.includes(this.code);
  }
}

/** Nobody answered, or only what stands in front of the server. */
export class Unreachable extends Error {
  name = "Unreachable";
}

/** One user's access, or nobody's while it has no token. */
export class Api {
  token = null;
  /** Called when the token turns out to be no good any more. */
  onEnded = () => {};

  /** What the server answers, as JSON. Throws Refused, Unreachable, or the AbortError of the signal. */
  async call(method, path, body = undefined, signal = undefined) {
    if (body === undefined) return this.#ask(method, path, {}, undefined, signal);
    return this.#ask(method, path, { "Content-Type": "application/json" }, JSON.stringify(body), signal);
  }

  /** Store a file as an "image" or a "file". Answers and throws as `call` does. */
  async upload(type, file, signal = undefined) {
    const form = new FormData();
    form.append("filename", file, file.name);
    return this.#ask("POST", `/media?${new URLSearchParams({ type })}`, {}, form, signal);
  }

  async #ask(method, path, headers, body, signal) {
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    let response;
    try {
      response = await fetch(ROOT + path, {
        method,
        headers,
        body,
        signal,
        cache: "no-store",
        credentials: "omit",
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable(error.message);
    }
    if (response.ok) return response.status === 204 ? null : answerOf(response);
    const refusal = await refusalOf(response);
    if (refusal.endsSession && headers.Authorization === `Bearer ${this.token}`) this.onEnded();
    throw refusal;
  }

  /** Where the socket is. */
  get socketAddress() {
    const address = new URL(`${ROOT}/ws`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    return address.href;
  }
}

async function answerOf(response) {
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(error.message); // cut off on its way
  }
}

async function refusalOf(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  let told = {};
  try {
    told = (await response.json()).error ?? {};
  } catch {
    if (response.status >= 500) return new Unreachable(`HTTP ${response.status}`);
  }
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  return new Refused(response.status, told.code ?? 0, told.message ?? `HTTP ${response.status}`, retryAfter);
}
