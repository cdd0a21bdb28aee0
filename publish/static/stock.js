// Datasette's own pages, for readers with a screen reader: the language of the page and the names of the fields, which
// its templates leave out. Nothing else depends on it.
(() => {
  const names = [
    ['select[name^="_filter_column"]', "Column to filter by"],
    ['select[name^="_filter_op"]', "How to compare"],
    ['input[name^="_filter_value"]', "Value to compare with"],
    ['select[name="_sort"]', "Sort by"],
    [".CodeMirror textarea, .cm-content", "SQL"],
  ];
  const name = () => {
    for (const [selector, label] of names) {
      for (const field of document.querySelectorAll(selector)) field.setAttribute("aria-label", label);
    }
  };
  if (!document.documentElement.lang) document.documentElement.lang = "en";
  name();
  // The SQL editor is made when the page has loaded.
  addEventListener("load", () => setTimeout(name));
})();
