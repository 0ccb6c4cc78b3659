// A part of the page that is fetched again every three seconds until it no longer asks for it.
const EVERY = 3000;

async function refresh(part) {
  try {
    const answer = await fetch(part.dataset.refresh, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = holder.content.firstElementChild;
    part.replaceWith(fresh);
    watch(fresh);
  } catch {
    watch(part);
  }
}

function watch(part) {
  if (part.dataset.refresh) setTimeout(refresh, EVERY, part);
}

document.querySelectorAll("[data-refresh]").forEach(watch);
