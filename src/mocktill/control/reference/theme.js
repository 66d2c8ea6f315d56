// Light and dark for the viewer, which knows them by a class: as chosen in the console, else as the browser has it.

const dark = matchMedia("(prefers-color-scheme: dark)");

function set() {
  const { classList, dataset } = document.documentElement;
  classList.toggle("dark-mode", dataset.theme ? dataset.theme === "dark" : dark.matches);
}

/** Keep the class true from now on. */
export function followTheme() {
  set();
  dark.addEventListener("change", set);
}
