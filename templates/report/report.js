// Comfort only: every word of the page can be read without this script.
(function () {
  "use strict";
  var root = document.documentElement;
  var themeSwitch = document.getElementById("theme-switch");
  var codeSwitch = document.getElementById("code-switch");
  var codes = Array.prototype.slice.call(document.querySelectorAll("details.code"));
  var systemDark = window.matchMedia("(prefers-color-scheme: dark)");

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches;
  }
  function showTheme() {
    themeSwitch.textContent = isDark() ? "Light colours" : "Dark colours";
  }
  function remember(theme) {
    try { window.localStorage.setItem("lab-theme", theme); } catch (refused) { return; }
  }
  function recall() {
    try { return window.localStorage.getItem("lab-theme"); } catch (refused) { return null; }
  }
  var kept = recall();
  if (kept === "dark" || kept === "light") { root.dataset.theme = kept; }
  themeSwitch.hidden = false;
  themeSwitch.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    showTheme();
  });
  systemDark.addEventListener("change", showTheme);
  showTheme();

  codeSwitch.hidden = codes.length === 0;
  codeSwitch.addEventListener("click", function () {
    var open = codeSwitch.getAttribute("aria-pressed") !== "true";
    codes.forEach(function (code) { code.open = open; });
    codeSwitch.setAttribute("aria-pressed", String(open));
    codeSwitch.textContent = open ? "Hide all code" : "Show all code";
  });

  // On paper nothing can be unfolded: parameters are opened, code stays out.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.parameters").forEach(function (part) { part.open = true; });
  });

  // The contents follow the reader: the last heading above the upper third is current.
  var links = Array.prototype.slice.call(document.querySelectorAll(".contents a"));
  var headings = links.map(function (link) {
    return document.getElementById(decodeURIComponent(link.hash.slice(1)));
  });
  function follow() {
    var current = 0;
    headings.forEach(function (heading, place) {
      if (heading && heading.getBoundingClientRect().top < window.innerHeight / 3) { current = place; }
    });
    if (window.scrollY + window.innerHeight > root.scrollHeight - 2) { current = links.length - 1; }
    links.forEach(function (link, place) {
      if (place !== current) { link.removeAttribute("aria-current"); return; }
      if (link.hasAttribute("aria-current")) { return; }
      link.setAttribute("aria-current", "location");
      var strip = link.closest("ol");
      strip.scrollTo({ left: link.offsetLeft - strip.clientWidth / 3, top: link.offsetTop - strip.clientHeight / 2 });
    });
  }
  if (links.length && "IntersectionObserver" in window) {
    var observer = new IntersectionObserver(follow, { rootMargin: "0px 0px -66% 0px", threshold: [0, 1] });
    headings.forEach(function (heading) { if (heading) { observer.observe(heading); } });
    window.addEventListener("scrollend", follow);
    follow();
  }
})();
