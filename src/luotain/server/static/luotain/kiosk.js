// A kiosk starts over when nobody has touched it for a while. Without scripts it does so by the clock alone; with them
// every touch gives it the full time again, and before it starts over it asks.
(() => {
  const { start, idle, ask } = document.currentScript.dataset;
  const wait = 1000 * Number(idle), warn = Math.min(10000, wait / 2);
  const home = location.pathname + location.search === start;
  let timers = [], touched = false;
  const asked = Object.assign(document.createElement("p"), { className: "message still-there", hidden: true });
  asked.setAttribute("role", "status");
  const rest = () => {
    timers.forEach(clearTimeout);
    asked.hidden = true;
    timers = [
      setTimeout(() => { if (touched || !home) { asked.textContent = ask; asked.hidden = false; } }, wait - warn),
      setTimeout(() => location.replace(start), wait),
    ];
  };
  document.body.append(asked);
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
    addEventListener(kind, () => { touched = true; rest(); }, { passive: true });
  }
  // the next guest must not get back what the one before wrote
  addEventListener("pageshow", (event) => event.persisted && location.replace(start));
  rest();
})();
