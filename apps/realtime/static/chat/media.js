/** Images, sounds and files in the thread, and the links to their bytes, which expire. */

import { byId, copyOf, openDialog, part, tell } from "./dom.js";
import { attempt } from "./notice.js";
import { kindOf, sizeOf, text } from "./strings.js";

/** Milliseconds that a link is used before another one is asked for: the server may let it expire soon after. */
const USED_FOR = 5 * 60_000;
/** How far from the edge of the log, in pixels, an image is fetched before it is in sight. */
const AHEAD = "600px";

/** Pixels of an image in the thread, and how much longer than wide it may be. */
const LARGEST = 320;
const SMALLEST = 48;
const LONGEST = 6;

/** The links of one user. */
export class Media {
  #api;
  #links = new Map();
  #watcher = new IntersectionObserver((entries) => this.#came(entries), {
    root: byId("log"),
    rootMargin: `${AHEAD} 0px`,
  });
  #loads = new WeakMap();

  constructor(api) {
    this.#api = api;
  }

  /** Store a file: what a message needs to refer to it, and the type of that message. */
  async store(file, signal) {
    if (/^image\/(jpeg|png|gif|bmp)$/.test(file.type)) {
      try {
        return { type: "image", body: await this.#api.upload("image", file, signal) };
      } catch (error) {
        if (error.name !== "Refused" || error.status !== 400) throw error;
        // It is no image after all, or none that can be shown.
      }
    }
    const { media_id, media_crc32, fname, fsize, hash } = await this.#api.upload("file", file, signal);
    return { type: "file", body: { media_id, media_crc32, fname, fsize, hash } };
  }

  /** What shows the body of such a message; null where words do. */
  show(type, body, who) {
    if (type === "image") return this.#image(body, who);
    if (type === "voice") return this.#voice(body, who);
    if (type === "file") return this.#file(body);
    if (type === "video") return this.#file(body.video);
    return null;
  }

  end() {
    this.#watcher.disconnect();
    this.#links.clear();
    const viewer = byId("viewer-image");
    viewer.removeAttribute("src");
  }

  /** An address that is good for some minutes. `afresh` where the one before did not work. */
  async #link(mediaId, afresh = false) {
    const known = this.#links.get(mediaId);
    if (known && !afresh && Date.now() - known.at < USED_FOR) return known.url;
    const asked = new URLSearchParams({ media_id: mediaId });
    const { url } = await this.#api.call("GET", `/media?${asked}`);
    const { pathname } = new URL(url); // this page may load from its own server alone
    this.#links.set(mediaId, { url: pathname, at: Date.now() });
    return pathname;
  }

  #image(body, who) {
    const element = copyOf("image");
    const image = part(element, "image");
    const { width, ratio } = fitted(body.width || LARGEST, body.height || LARGEST);
    element.style.setProperty("--width", `${width}px`); // it has its place before it is there
    element.style.setProperty("--ratio", String(ratio));
    image.alt = text("image_of", { name: who });
    this.#loadInSight(element, image, body.media_id);
    element.addEventListener("click", () => this.#view(body.media_id, image));
    return element;
  }

  #voice(body, who) {
    const element = copyOf("voice");
    const sound = part(element, "sound");
    sound.setAttribute("aria-label", text("voice_of", { name: who }));
    this.#loadInSight(element, sound, body.media_id);
    return element;
  }

  #file({ media_id: mediaId, fname, fsize }) {
    const element = copyOf("file");
    const name = fname || kindOf("file");
    part(element, "name").textContent = name;
    part(element, "size").textContent = fsize ? sizeOf(fsize) : "";
    element.title = text("save_named", { name });
    element.addEventListener("click", () => attempt(() => this.#save(mediaId, name)));
    return element;
  }

  async #save(mediaId, name) {
    const link = document.createElement("a");
    link.href = await this.#link(mediaId);
    link.download = name;
    link.click();
  }

  #view(mediaId, image) {
    const viewer = byId("viewer");
    const large = byId("viewer-image");
    large.src = image.src;
    large.alt = image.alt;
    byId("viewer-save").onclick = () => attempt(() => this.#save(mediaId, ""));
    openDialog(viewer);
  }

  /** Fetch it once its element is near to being seen, and once more where its link has expired. */
  #loadInSight(element, target, mediaId) {
    const load = async (afresh) => {
      try {
        target.src = await this.#link(mediaId, afresh);
      } catch (error) {
        if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
        failed();
      }
    };
    const failed = () => {
      tell(part(element, "fault"), text("not_loaded"));
      target.hidden = true;
    };
    let tried = false;
    target.addEventListener("error", () => {
      if (!target.hasAttribute("src")) return;
      if (tried) failed();
      else load(true);
      tried = true;
    });
    this.#loads.set(element, () => load(false));
    this.#watcher.observe(element);
  }

  #came(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.#watcher.unobserve(target);
      this.#loads.get(target)?.();
    }
  }
}

/** How wide an image is in the thread, and how wide for its height. */
function fitted(width, height) {
  const ratio = Math.min(LONGEST, Math.max(1 / LONGEST, width / height));
  const room = Math.min(width, LARGEST, LARGEST * ratio);
  return { width: Math.round(Math.max(SMALLEST, room)), ratio };
}
