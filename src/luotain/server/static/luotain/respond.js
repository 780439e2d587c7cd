// In the inbox, j and k (or the arrows) move between cases. Only while a row has the focus, so that no other key is taken.
(() => {
  const list = document.querySelector("[data-rows]");
  if (!list) return;
  const links = [...list.querySelectorAll(".case-text a")];
  const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  list.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = links[links.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
})();
