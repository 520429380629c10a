/** Files that are to be sent: picked, pasted or dropped, and shown above the text until they are. */

import { byId, copyOf, part } from "./dom.js";
import { notify } from "./notice.js";
import { sizeOf, text } from "./strings.js";

const AT_ONCE = 9;

export class Attachments {
  #files = [];
  #limit;
  #mayAdd;
  #changed;
  #list = byId("attachments");

  /**
   * @param limit   bytes of a file
   * @param signal  that ends it
   * @param mayAdd  whether files are taken now
   * @param changed called when there are more, or fewer
   */
  constructor(limit, signal, mayAdd, changed) {
    this.#limit = limit;
    this.#mayAdd = mayAdd;
    this.#changed = changed;
    const picker = byId("file-picker");
    byId("attach").addEventListener("click", () => picker.click(), { signal });
    const picked = () => {
      this.#add(picker.files);
      picker.value = "";
    };
    picker.addEventListener("change", picked, { signal });
    byId("composer-text").addEventListener("paste", (event) => this.#pasted(event), { signal });
    const thread = byId("thread");
    thread.addEventListener("dragover", (event) => this.#dragged(event), { signal });
    thread.addEventListener("dragleave", (event) => this.#left(event), { signal });
    thread.addEventListener("drop", (event) => this.#dropped(event), { signal });
    this.#list.addEventListener("click", (event) => this.#clicked(event), { signal });
  }

  get files() {
    return [...this.#files];
  }

  /** Have these instead: those of another conversation. */
  show(files) {
    this.#files = [...files];
    this.#draw();
  }

  /** One is on its way, or has been sent. */
  mark(file, state) {
    if (state === "sent") {
      this.#files = this.#files.filter((other) => other !== file);
      this.#draw();
      return;
    }
    const item = this.#list.children[this.#files.indexOf(file)];
    item?.classList.toggle("busy", state === "sending");
  }

  #add(files) {
    if (!this.#mayAdd()) return;
    for (const file of files) {
      if (file.size > this.#limit) {
        notify(text("too_large", { name: file.name, limit: sizeOf(this.#limit) }));
      } else if (file.size === 0) {
        notify(text("empty_file", { name: file.name }));
      } else if (this.#files.length >= AT_ONCE) {
        notify(text("too_many_files", { count: AT_ONCE }));
        break;
      } else {
        this.#files.push(file);
      }
    }
    this.#draw();
    byId("composer-text").focus();
  }

  #draw() {
    const items = this.#files.map((file) => {
      const item = copyOf("attachment");
      part(item, "name").textContent = file.name;
      part(item, "size").textContent = sizeOf(file.size);
      part(item, "remove").setAttribute("aria-label", text("remove_named", { name: file.name }));
      return item;
    });
    this.#list.replaceChildren(...items);
    this.#list.hidden = items.length === 0;
    this.#changed();
  }

  #clicked(event) {
    const item = event.target.closest("button")?.closest("li");
    if (!item || !this.#mayAdd()) return;
    this.#files.splice([...this.#list.children].indexOf(item), 1);
    this.#draw();
    byId("composer-text").focus();
  }

  #pasted(event) {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    this.#add(files);
  }

  #dragged(event) {
    if (!event.dataTransfer.types.includes("Files") || !this.#mayAdd()) return;
    event.preventDefault();
    byId("thread").classList.add("dropping");
  }

  #left(event) {
    if (!byId("thread").contains(event.relatedTarget)) byId("thread").classList.remove("dropping");
  }

  #dropped(event) {
    byId("thread").classList.remove("dropping");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.#add(event.dataTransfer.files);
  }
}
