// Pages work without this. It moves the focus to the summary of faults, and stops a second click from sending a
// form twice while the line is slow.
(function () {
  "use strict";
  var faults = document.querySelector(".faults");
  if (faults) faults.focus();
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // A download or a broken line leaves the page where it is: let people try again.
    setTimeout(function () { delete form.dataset.sent; }, 5000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });
})();
