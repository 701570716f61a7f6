// Puts a campaign into another site's page:
// <script src="https://portal.example.org/widget.js" data-campaign="slug" async></script>
// It adds one frame where it stands. It sets no cookie, stores nothing and reads nothing of the page.
(function () {
  "use strict";
  var script = document.currentScript;
  var slug = script && script.getAttribute("data-campaign");
  if (!slug || !/^[a-z0-9-]+$/.test(slug)) return;
  var frame = document.createElement("iframe");
  frame.src = new URL("campaign/" + slug + "/widget/", script.src).href;
  frame.title = script.getAttribute("data-title") || "Raised and matched so far";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = "border:0;width:100%;max-width:30rem;height:26rem";
  script.parentNode.insertBefore(frame, script.nextSibling);
})();
