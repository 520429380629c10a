/** Texts and times in the reader's language, which the page names and brings along. */

const texts = JSON.parse(document.body.dataset.texts);
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const fullDay = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/** The text of that name, with the values in place of the names in its braces. */
export function text(name, values = {}) {
  const found = texts[name];
  if (found === undefined) throw new Error(`no text is called ${name}`);
  return found.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
}

/** Whether there is a text of that name. */
export function hasText(name) {
  return name in texts;
}

/** Names, one after the other. */
export function joined(names) {
  return names.join(text("name_joint"));
}

/** Why something was refused, as a sentence. */
export function reasonOf(error) {
  if (error.code === 2001) return text("error_2001", { seconds: error.retryAfter ?? 60 });
  if (`error_${error.code}` in texts) return text(`error_${error.code}`);
  if (error.name === "Unreachable") return text("unreachable");
  return text("failed", { reason: error.message });
}

/** What a kind of message is called that is not text. */
export function kindOf(msgType) {
  return msgType in texts ? text(msgType) : text("custom");
}

/** So many bytes, in the largest unit that keeps the number above one. */
export function sizeOf(bytes) {
  const [unit, at] = bytes < 1024 ? ["byte", 1] : bytes < 1024 ** 2 ? ["kilobyte", 1024] : ["megabyte", 1024 ** 2];
  const form = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, form).format(bytes / at);
}

/** The time of day. Times are in milliseconds since 1970. */
export function timeOfDay(at) {
  return clock.format(at);
}

/** The time of day if that was today, else the day. */
export function briefly(at) {
  return isSameDay(at, Date.now()) ? clock.format(at) : dayOfYear.format(at);
}

/** The day and the time. */
export function exactly(at) {
  return moment.format(at);
}

/** "Today", "Yesterday" or the date. */
export function dayName(at) {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (isSameDay(at, Date.now())) return text("today");
  if (isSameDay(at, yesterday)) return text("yesterday");
  return fullDay.format(at);
}

/** Whether both moments fall on one day of the reader's calendar. */
export function isSameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
