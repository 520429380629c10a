/** Tells the user what did not work. */

import { byId, tell } from "./dom.js";
import { reasonOf } from "./strings.js";

const LASTS = 6000;
let timer = 0;

/** Show a sentence for a while. */
export function notify(sentence) {
  clearTimeout(timer);
  tell(byId("notice"), sentence);
  timer = setTimeout(() => tell(byId("notice"), ""), LASTS);
}

/**
 * Do something that the server may refuse or not be there for; whether it was done. The reason goes into the
 * element, or into a notice.
 */
export async function attempt(action, place = null) {
  if (place) tell(place, "");
  try {
    await action();
    return true;
  } catch (error) {
    if (error.name !== "Refused" && error.name !== "Unreachable") throw error;
    if (place) tell(place, reasonOf(error));
    else notify(reasonOf(error));
    return false;
  }
}
