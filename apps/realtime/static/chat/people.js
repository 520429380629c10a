/** Who is who: oneself, and those of other apps, whose names stand with the name of their app. */

import { joined, text } from "./strings.js";

/** Letters of a key that stand for an app whose name is not told. */
const KEY_SHOWN = 6;

export class People {
  /** The apps whose users one may name, one's own first: {appkey, name, reached}. */
  apps = [];
  #names = new Map();

  constructor(username, appkey) {
    this.username = username;
    this.appkey = appkey;
  }

  /** Learn what the other apps are called. */
  know(apps) {
    this.apps = apps.filter(({ reached }) => reached);
    this.#names = new Map(apps.map(({ appkey, name }) => [appkey, name]));
  }

  /** A key as it is told here: of one's own app not at all. */
  keyOf(appkey) {
    return !appkey || appkey === this.appkey ? "" : appkey;
  }

  /** Whether that is oneself. */
  isSelf(username, appkey) {
    return username === this.username && this.keyOf(appkey) === "";
  }

  /** Whether oneself said it. */
  isOwn(row) {
    return this.isSelf(row.from_id, row.from_appkey);
  }

  /** What the app of that key is called. */
  appOf(appkey) {
    return this.#names.get(appkey) ?? `${appkey.slice(0, KEY_SHOWN)}…`;
  }

  /** A name, with its app where that is another one. */
  label(name, appkey) {
    const key = this.keyOf(appkey);
    return key ? text("name_in_app", { name, app: this.appOf(key) }) : name;
  }

  /** Who said it. */
  sender(row) {
    return this.label(row.from_name || row.from_id, row.from_appkey);
  }

  /** Those whom an event names, one after the other. */
  named({ to_username_list: names = [], to_appkey_list: keys = [] }) {
    return joined(names.map((name, at) => this.label(name, keys[at])));
  }

  /** Whether an event names oneself. */
  isNamed({ to_username_list: names = [], to_appkey_list: keys = [] }) {
    return names.some((name, at) => this.isSelf(name, keys[at]));
  }
}
