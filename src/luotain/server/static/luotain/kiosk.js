// A kiosk starts over when nobody has touched it for a while. Without scripts it does so by the clock alone; with them
// every touch gives it the full time again, and before it starts over it asks.
(() => {
  const { start, idle, ask, home } = document.currentScript.dataset;
  const wait = 1000 * Number(idle), warn = Math.min(10000, wait / 2);
  let timers = [];
  const asked = Object.assign(document.createElement("p"), { className: "message still-there", hidden: true });
  asked.setAttribute("role", "status");
  const rest = () => {
    timers.forEach(clearTimeout);
    asked.hidden = true;
    timers = [
      setTimeout(() => { asked.textContent = ask; asked.hidden = false; }, wait - warn),
      setTimeout(over, wait),
    ];
  };
  const over = () => {
    if (navigator.onLine) return location.replace(start);
    // the browser would show a page of its own, which nobody at a kiosk gets away from: what was typed goes, though
    document.getElementById("answers")?.reset();
    rest();
  };
  document.body.append(asked);
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, rest, { passive: true });
  // the next guest must not get back what the one before wrote
  addEventListener("pageshow", (event) => event.persisted && location.replace(start));
  if (home === undefined) rest(); // the first page waits for its first touch
})();
