/** The dialogs of chatrooms: which there are, to go in; who is in one, and the way out. */

import { badge, byId, copyOf, openDialog, part, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { text } from "./strings.js";

export class RoomDialogs {
  #client;
  #open;
  #conversation = null;
  #shown = { rooms: 0, members: 0 };
  #abort = new AbortController();

  /**
   * @param client that goes in and out
   * @param shown  answers the conversation that is open
   * @param open   called with the conversation of a room that one has entered
   */
  constructor(client, shown, open) {
    this.#client = client;
    this.#open = open;
    const { signal } = this.#abort;
    byId("open-rooms").addEventListener("click", () => this.#listRooms(), { signal });
    byId("rooms-more").addEventListener("click", () => this.#moreRooms(), { signal });
    const members = () => shown().isRoom && this.#listMembers(shown());
    byId("open-members").addEventListener("click", members, { signal });
    byId("room-more").addEventListener("click", () => this.#moreMembers(), { signal });
    byId("room-leave").addEventListener("click", () => this.#leave(), { signal });
  }

  end() {
    this.#abort.abort();
  }

  async #listRooms() {
    this.#shown.rooms = 0;
    byId("rooms-listed").replaceChildren();
    byId("no-rooms").hidden = byId("rooms-more").hidden = true;
    openDialog(byId("chatrooms"));
    await this.#moreRooms();
  }

  async #moreRooms() {
    const show = async () => {
      const { rooms, total } = await this.#client.rooms.page(this.#shown.rooms);
      byId("rooms-listed").append(...rooms.map((room) => this.#itemOf(room)));
      this.#shown.rooms += rooms.length;
      byId("no-rooms").hidden = total > 0;
      byId("rooms-more").hidden = !rooms.length || this.#shown.rooms >= total;
    };
    await attempt(show, byId("rooms-error"));
  }

  #itemOf(room) {
    const item = copyOf("person");
    badge(part(item, "badge"), room.name, "room");
    part(item, "name").textContent = room.name;
    const people = text("room_members", { count: room.total_member_count });
    part(item, "note").textContent = [room.description, people].filter(Boolean).join(" · ");
    const enter = part(item, "remove");
    enter.textContent = text("enter");
    enter.setAttribute("aria-label", text("enter_named", { name: room.name }));
    enter.hidden = false;
    enter.addEventListener("click", () => this.#enter(room));
    return item;
  }

  async #enter(room) {
    let conversation = null;
    const enter = async () => {
      conversation = await this.#client.rooms.enter(room.id);
    };
    if (!(await attempt(enter, byId("rooms-error")))) return;
    byId("chatrooms").close();
    this.#open(conversation);
  }

  async #listMembers(conversation) {
    this.#conversation = conversation;
    this.#shown.members = 0;
    const { room } = conversation;
    byId("room-title").textContent = conversation.title;
    tell(byId("room-about"), room?.description ?? "");
    byId("room-members").replaceChildren();
    byId("room-more").hidden = true;
    byId("room-leave").hidden = this.#isOwner();
    openDialog(byId("room"));
    await this.#moreMembers();
  }

  /** The owner of a room stays in it. */
  #isOwner() {
    const { people } = this.#client;
    const { owner_username: name, appkey } = this.#conversation.room ?? {};
    return people.isSelf(name, appkey);
  }

  async #moreMembers() {
    const show = async () => {
      const { users, total } = await this.#client.rooms.members(this.#conversation, this.#shown.members);
      byId("room-members").append(...users.map((member) => this.#memberOf(member)));
      this.#shown.members += users.length;
      byId("room-count").textContent = text("room_members", { count: total });
      byId("room-more").hidden = !users.length || this.#shown.members >= total;
    };
    await attempt(show, byId("room-error"));
  }

  #memberOf({ username, appkey, flag }) {
    const item = copyOf("person");
    const { people } = this.#client;
    const { owner_username: owner, appkey: owners } = this.#conversation.room ?? {};
    const isOwner = username === owner && people.keyOf(appkey) === people.keyOf(owners);
    badge(part(item, "badge"), username);
    part(item, "name").textContent = people.label(username, appkey);
    const notes = [isOwner ? text("room_owner") : "", flag === 1 ? text("muted") : ""];
    part(item, "note").textContent = notes.filter(Boolean).join(" · ");
    return item;
  }

  async #leave() {
    const leave = () => this.#client.rooms.leave(this.#conversation);
    if (await attempt(leave, byId("room-error"))) byId("room").close();
  }
}
