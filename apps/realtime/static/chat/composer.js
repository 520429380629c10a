/** Where messages are written. What was begun in one conversation waits there for the reader's return. */

import { byId, tell } from "./dom.js";
import { text } from "./strings.js";
import { nameOf } from "./thread.js";

export class Composer {
  #client;
  #limit;
  #conversation = null;
  #begun = new Map();
  #field = byId("composer-text");
  #note = byId("composer-note");
  #abort = new AbortController();

  /**
   * @param client that sends
   * @param limit  bytes that the body of a message may have
   * @param leave  called when the writer wants to go back to the list
   */
  constructor(client, limit, leave) {
    this.#client = client;
    this.#limit = limit;
    const { signal } = this.#abort;
    byId("composer").addEventListener("submit", (event) => this.#submitted(event), { signal });
    this.#field.addEventListener("input", () => this.#changed(), { signal });
    const pressed = (event) => {
      if (event.isComposing || event.keyCode === 229) return; // the key is the input method's
      if (event.key === "Enter" && !event.shiftKey) this.#submitted(event);
      if (event.key === "Escape") leave();
    };
    this.#field.addEventListener("keydown", pressed, { signal });
  }

  /** Write to a conversation from now on, or to none. */
  show(conversation) {
    if (this.#conversation) this.#begun.set(this.#conversation.key, this.#field.value);
    this.#conversation = conversation;
    this.#field.value = this.#begun.get(conversation?.key) ?? "";
    this.#fit();
    this.refresh();
  }

  /** The conversation has changed. */
  refresh() {
    if (!this.#conversation) return;
    const { mayWrite } = this.#conversation;
    this.#field.disabled = byId("send").disabled = !mayWrite;
    this.#field.setAttribute("aria-label", text("write_to", { name: nameOf(this.#conversation) }));
    tell(this.#note, mayWrite ? this.#excess() : text("closed"));
  }

  focus() {
    this.#field.focus();
  }

  end() {
    this.#abort.abort();
    this.#field.value = "";
  }

  #submitted(event) {
    event.preventDefault();
    const said = this.#field.value.trim();
    if (!said || !this.#conversation?.mayWrite || this.#excess()) return;
    this.#field.value = "";
    this.#fit();
    this.#client.send(this.#conversation, said);
    this.#field.focus();
  }

  #changed() {
    this.#fit();
    this.refresh();
    if (this.#conversation && this.#field.value.trim()) this.#client.type(this.#conversation);
  }

  /** What is too much, in words; empty where nothing is. */
  #excess() {
    const body = JSON.stringify({ text: this.#field.value.trim() });
    const bytes = new TextEncoder().encode(body).length - this.#limit;
    return bytes > 0 ? text("too_long", { bytes }) : "";
  }

  /** As high as what is in it; the style sheet says where that ends. */
  #fit() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`;
  }
}
