// The QR code of a letter ends in #SELECTOR.TOKEN. Browsers send that part to nobody; this moves it into a form that is
// posted, and takes it out of the address bar first, so that it is in no history and no screenshot.

const form = document.getElementById("scanned");

function open() {
  const scanned = location.hash.slice(1);
  if (!form || !scanned.includes(".")) {
    return;
  }
  history.replaceState(null, "", location.pathname);
  form.elements.scan.value = scanned;
  form.submit();
}

// A second letter scanned while this page is open changes only what is behind the #.
window.addEventListener("hashchange", open);
open();
