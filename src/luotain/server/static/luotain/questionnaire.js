// Keeps the question that is being written in sight in the preview. Everything else works without a script.
(() => {
  const show = () => {
    const column = document.querySelector(".editor-frame");
    const now = column && column.querySelector(".framed-now");
    if (!now || column.scrollHeight <= column.clientHeight) return;
    column.scrollTop += now.getBoundingClientRect().top - column.getBoundingClientRect().top - 96;
  };
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
