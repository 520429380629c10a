/** What one has set for oneself: what disturbs one, what one shields, whom one blocks, one's friends. */

export class Relations {
  #api;
  #people;

  /**
   * @param api    with the user's token
   * @param people who knows the user's own app
   */
  constructor(api, people) {
    this.#api = api;
    this.#people = people;
  }

  /** Friends with one's notes, in the order in which they became friends. */
  friends() {
    return this.#api.call("GET", "/friends");
  }

  addFriend(username, appkey) {
    return this.#friends("POST", username, appkey);
  }

  removeFriend(username, appkey) {
    return this.#friends("DELETE", username, appkey);
  }

  noteFriend(username, appkey, note) {
    const key = this.#people.keyOf(appkey);
    const row = { username, note_name: note };
    return key
      ? this.#api.call("PUT", "/cross/friends", [{ appkey: key, ...row }])
      : this.#api.call("PUT", "/friends", [row]);
  }

  /** Whose single messages one refuses. */
  blocked() {
    return this.#api.call("GET", "/blocks");
  }

  block(username, appkey) {
    return this.#blocks("PUT", username, appkey);
  }

  unblock(username, appkey) {
    return this.#blocks("DELETE", username, appkey);
  }

  /** What does not disturb one: {global, single, group}. */
  quiet() {
    return this.#api.call("GET", "/no-disturb");
  }

  /** Let nothing at all disturb one, or things again. */
  setQuiet(isQuiet) {
    return this.#api.call("POST", "/no-disturb", { global: isQuiet ? 1 : 0 });
  }

  setQuietUser(username, appkey, isQuiet) {
    const key = this.#people.keyOf(appkey);
    const single = { [isQuiet ? "add" : "remove"]: [username] };
    return key
      ? this.#api.call("POST", "/cross/no-disturb", [{ appkey: key, single }])
      : this.#api.call("POST", "/no-disturb", { single });
  }

  setQuietGroup(gid, isQuiet) {
    return this.#api.call("POST", "/no-disturb", { group: { [isQuiet ? "add" : "remove"]: [gid] } });
  }

  /** The groups one is told nothing of. */
  async shielded() {
    return (await this.#api.call("GET", "/shields")).groups;
  }

  setShielded(gid, isShielded) {
    return this.#api.call("POST", "/shields", { [isShielded ? "add" : "remove"]: [gid] });
  }

  /** The groups one is in. */
  async groups() {
    return (await this.#api.call("GET", "/groups")).groups;
  }

  #friends(method, username, appkey) {
    const key = this.#people.keyOf(appkey);
    return key
      ? this.#api.call(method, "/cross/friends", { appkey: key, users: [username] })
      : this.#api.call(method, "/friends", [username]);
  }

  #blocks(method, username, appkey) {
    const key = this.#people.keyOf(appkey);
    return key
      ? this.#api.call(method, "/cross/blocks", [{ appkey: key, usernames: [username] }])
      : this.#api.call(method, "/blocks", [username]);
  }
}
