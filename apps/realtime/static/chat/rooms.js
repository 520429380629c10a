/** Chatrooms: which there are, and being in them. */

const PAGE = 50;

export class Rooms {
  #api;
  #store;

  /**
   * @param api   with the user's token
   * @param store that knows the rooms one is in
   */
  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  /** A page of all rooms of the app: {total, rooms}. */
  async page(start) {
    const asked = new URLSearchParams({ start: String(start), count: String(PAGE) });
    return this.#api.call("GET", `/chatrooms?${asked}`);
  }

  /** Those one is in. */
  async own() {
    return (await this.#api.call("GET", "/me/chatrooms")).rooms;
  }

  /** Learn which rooms one is in. */
  async read() {
    this.#store.adoptRooms(await this.own());
  }

  /** Be in a room, or again after one was away; its conversation, with the latest. */
  async enter(roomId) {
    const entered = await this.#api.call("POST", `/chatrooms/${roomId}/enter`);
    const conversation = this.#store.withTarget("chatroom", String(roomId));
    this.#store.enter(conversation, entered);
    return conversation;
  }

  /** Be in a room again, if one has not been put out of it meanwhile. */
  async comeBack(conversation) {
    await this.read();
    if (conversation.open) await this.enter(conversation.targetId);
  }

  /** A page of those who are in the room: {total, users}. */
  async members(conversation, start) {
    const asked = new URLSearchParams({ start: String(start), count: String(PAGE) });
    return this.#api.call("GET", `/chatrooms/${conversation.targetId}/members?${asked}`);
  }

  async leave(conversation) {
    await this.#api.call("POST", `/chatrooms/${conversation.targetId}/leave`);
    this.#store.leave(conversation);
  }
}
