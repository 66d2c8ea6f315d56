// What somebody turned to is to be seen: in a strip of tabs that scrolls, in a list, on the page.
import { ref } from "../lit/directives/ref.js";

/** An element that has this is brought into view when it gets it. */
export const inView = ref((element) => {
  if (element) requestAnimationFrame(() => element.scrollIntoView({ block: "nearest", inline: "center" }));
});
