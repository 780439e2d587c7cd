// The page works without this. With it, words that were not sent yet survive a reload and a lost connection: they are
// kept in this tab alone and go when the form has been sent.
(() => {
  const me = document.currentScript;
  const place = `luotain:${location.pathname.replace(/thanks\/$/, "")}`;
  const store = {
    keys: () => Object.keys(sessionStorage).filter((key) => key.startsWith(place)),
    get: (key) => sessionStorage.getItem(key),
    set: (key, value) => sessionStorage.setItem(key, value),
    drop: (key) => sessionStorage.removeItem(key),
  };
  try {
    if ("sent" in me.dataset) return store.keys().forEach(store.drop);
    const form = document.getElementById("answers");
    const page = form.elements.page.value;
    for (const field of form.querySelectorAll("textarea, input[type=text]")) {
      const key = `${place}:${page}:${field.name}`;
      if (!field.value && store.get(key)) field.value = store.get(key);
      field.addEventListener("input", () => store.set(key, field.value));
    }
  } catch { /* a browser that keeps nothing loses nothing that it would have kept */ }
  const form = document.getElementById("answers");
  let sending = false;
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      let said = document.getElementById("offline");
      if (!said) {
        said = Object.assign(document.createElement("p"), { id: "offline", className: "message error" });
        said.setAttribute("role", "alert");
        form.querySelector(".buttons").before(said);
      }
      said.textContent = me.dataset.offline;
      return;
    }
    if (sending) event.preventDefault();
    sending = true;
    setTimeout(() => { sending = false; }, 3000);
  });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("online", () => document.getElementById("offline")?.remove());
})();
