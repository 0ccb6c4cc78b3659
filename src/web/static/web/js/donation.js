// While a payment is in progress: asks now and then how it stands, and shows the page anew when that has changed.

const waiting = document.getElementById("waiting");
const PAUSES = [2, 2, 3, 3, 5, 5, 10, 10, 20, 30, 30, 60, 60, 60, 120, 120]; // seconds

async function look(turn) {
  try {
    const answer = await fetch(waiting.dataset.url, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).state !== waiting.dataset.state) {
      location.reload();
      return;
    }
  } catch {
    // No connection now; the next turn tries again.
  }
  plan(turn + 1);
}

function plan(turn) {
  if (turn < PAUSES.length) {
    setTimeout(() => look(turn), PAUSES[turn] * 1000);
  }
}

if (waiting) {
  plan(0);
}
