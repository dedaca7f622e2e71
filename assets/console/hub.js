// The console's own script, for Chromium 86 and later. It only makes quick what works without it: keys, and nothing said
// while an input method is composing. Style and content stay with the server.
(function () {
  "use strict";

  function composing(event) {
    return event.isComposing || event.keyCode === 229;
  }

  function inField(target) {
    return target.closest && target.closest("input, select, textarea, [contenteditable]") !== null;
  }

  // "/" goes to the search of the list, else to that of the page head; Ctrl+Enter sends the form one is in.
  document.addEventListener("keydown", function (event) {
    if (composing(event) || event.altKey || event.metaKey) {
      return;
    }
    if (event.key === "/" && !event.ctrlKey && !inField(event.target)) {
      var box = document.querySelector("main input[type=search]") || document.querySelector("#find");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    }
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && inField(event.target)) {
      event.target.blur();
    }
  });

  // Half a word of pinyin is no search: lists wait until the input method has finished.
  document.addEventListener("input", function (event) {
    if (event.isComposing) {
      event.stopPropagation();
    }
  }, true);
  document.addEventListener("compositionend", function (event) {
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // A source opened in the page closes when it is asked for again.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a.source[hx-target]");
    var place = link && document.querySelector(link.getAttribute("hx-target"));
    if (place && place.firstElementChild && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      place.textContent = "";
      link.setAttribute("aria-expanded", "false");
    } else if (place) {
      link.setAttribute("aria-expanded", "true");
    }
  }, true);

  // A refused form says so where the reader is; a page that was swapped in begins at its heading.
  document.addEventListener("htmx:afterSwap", function (event) {
    var alert = event.target.querySelector("[role=alert]");
    if (alert) {
      alert.setAttribute("tabindex", "-1");
      alert.focus();
    }
  });
})();
