/** Signing in. The session lives as long as the tab: its token is kept nowhere else. */

import { byId, tell } from "./dom.js";
import { attempt } from "./notice.js";

const PLACE = "chat.session";
const REMEMBERED = "chat.remembered";
const WEB = "w";

/** The session of before a reload: {appkey, token, opened_at, expires_at, user}; null without one. */
export function keptSession() {
  return JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
}

export function keepSession(session) {
  sessionStorage.setItem(PLACE, JSON.stringify(session));
}

export function forgetSession() {
  sessionStorage.removeItem(PLACE);
}

export class Login {
  #api;
  #enter;
  #fields = ["appkey", "username", "password"].map((name) => byId(`login-${name}`));

  /**
   * @param api   without a token
   * @param enter called with the session of who has signed in
   */
  constructor(api, enter) {
    this.#api = api;
    this.#enter = enter;
    byId("login-form").addEventListener("submit", (event) => this.#submitted(event));
    const asked = new URLSearchParams(location.search);
    const [appkey, username] = this.#fields;
    const remembered = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    appkey.value = asked.get("appkey") ?? remembered.appkey ?? "";
    const isSameApp = appkey.value === remembered.appkey;
    username.value = asked.get("username") ?? (isSameApp ? remembered.username : "") ?? "";
  }

  /** Ask who it is, with a word on why. */
  show(reason = "") {
    byId("login").hidden = false;
    byId("login-fields").disabled = false;
    tell(byId("login-error"), reason);
    const empty = this.#fields.find((field) => !field.value);
    (empty ?? this.#fields.at(-1)).focus();
  }

  async #submitted(event) {
    event.preventDefault();
    const [appkey, username, password] = this.#fields.map((field) => field.value);
    const body = { appkey, username, password, platform: WEB, device_id: deviceId() };
    byId("login-fields").disabled = true;
    let session = null;
    const logIn = async () => {
      session = await this.#api.call("POST", "/sessions", body);
    };
    await attempt(logIn, byId("login-error"));
    byId("login-fields").disabled = false;
    this.#fields.at(-1).value = "";
    if (!session) {
      this.#fields.at(-1).focus();
      return;
    }
    localStorage.setItem(REMEMBERED, JSON.stringify({ appkey, username }));
    byId("login").hidden = true;
    this.#enter({ ...session, appkey, opened_at: Date.now() });
  }
}

/** This tab's name among the user's devices: the system, and what tells it from others. */
function deviceId() {
  const kept = sessionStorage.getItem("chat.device");
  if (kept) return kept;
  const system = navigator.userAgentData?.platform || navigator.platform || "?";
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  const id = `${system} ${number.toString(36)}`;
  sessionStorage.setItem("chat.device", id);
  return id;
}
