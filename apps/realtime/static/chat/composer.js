/** Where messages are written. What was begun in one conversation waits there for the reader's return. */

import { Attachments } from "./attachments.js";
import { byId, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { text } from "./strings.js";
import { nameOf } from "./thread.js";

export class Composer {
  #client;
  #limit;
  #conversation = null;
  #begun = new Map();
  #field = byId("composer-text");
  #note = byId("composer-note");
  #attachments;
  #isBusy = false;
  #abort = new AbortController();

  /**
   * @param client that sends
   * @param limit  bytes that the body of a message may have
   * @param largest bytes of a file
   * @param leave  called when the writer wants to go back to the list
   */
  constructor(client, limit, largest, leave) {
    this.#client = client;
    this.#limit = limit;
    const { signal } = this.#abort;
    const mayAdd = () => Boolean(this.#conversation?.mayWrite) && !this.#isBusy;
    this.#attachments = new Attachments(largest, signal, mayAdd, () => this.refresh());
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
    const { files } = this.#attachments;
    if (this.#conversation) this.#begun.set(this.#conversation.key, { said: this.#field.value, files });
    this.#conversation = conversation;
    const begun = this.#begun.get(conversation?.key) ?? { said: "", files: [] };
    this.#field.value = begun.said;
    this.#attachments.show(begun.files);
    this.#fit();
    this.refresh();
  }

  /** The conversation has changed. */
  refresh() {
    if (!this.#conversation) return;
    const { mayWrite } = this.#conversation;
    this.#field.disabled = !mayWrite;
    byId("send").disabled = byId("attach").disabled = !mayWrite || this.#isBusy;
    this.#field.setAttribute("aria-label", text("write_to", { name: nameOf(this.#conversation) }));
    tell(this.#note, mayWrite ? this.#excess() : text("closed"));
  }

  focus() {
    this.#field.focus();
  }

  end() {
    this.#abort.abort();
    this.#attachments.show([]);
    this.#field.value = "";
  }

  async #submitted(event) {
    event.preventDefault();
    const conversation = this.#conversation;
    const said = this.#field.value.trim();
    if (!conversation?.mayWrite || this.#isBusy || this.#excess()) return;
    if (this.#attachments.files.length && !(await this.#sendFiles(conversation))) return;
    if (!said) return;
    if (this.#conversation === conversation && this.#field.value.trim() === said) {
      this.#field.value = "";
      this.#fit();
    }
    this.#client.send(conversation, said);
    this.#field.focus();
  }

  /** Send one file after the other, whether all went. What did not go stays where it was. */
  async #sendFiles(conversation) {
    const { signal } = this.#abort;
    this.#isBusy = true;
    this.refresh();
    byId("composer").setAttribute("aria-busy", "true");
    let went = true;
    for (const file of this.#attachments.files) {
      byId("uploading").textContent = text("uploading", { name: file.name });
      this.#attachments.mark(file, "sending");
      went = await attempt(() => this.#client.sendFile(conversation, file, signal)).catch((error) => {
        if (error.name === "AbortError") return false; // it is over
        throw error;
      });
      this.#attachments.mark(file, went ? "sent" : "waiting");
      if (!went) break;
    }
    byId("uploading").textContent = "";
    byId("composer").removeAttribute("aria-busy");
    this.#isBusy = false;
    if (!signal.aborted) this.refresh();
    return went;
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
