// Passkeys: asks the device, puts its answer in the form and sends that. Without script the other ways to sign in stay.
/* global webauthnJSON */

const options = () => JSON.parse(document.getElementById("passkey-options").textContent);

const ways = {
  async login(form) {
    const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) throw new Error("no options");
    return webauthnJSON.get((await answer.json()).request_options);
  },
  async use() {
    return webauthnJSON.get(options().request_options);
  },
  async add() {
    const asked = options().creation_options;
    Object.assign(asked.publicKey.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
    return webauthnJSON.create(asked);
  },
};

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = form.querySelector("[data-passkey-problem]");
      problem.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await ways[form.dataset.passkey](form));
        form.submit();
      } catch {
        problem.hidden = false;
      }
    });
  }
}
