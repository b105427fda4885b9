// Passkeys are one of the two things that need a script: only the browser can ask for one. The buttons appear when it can, and
// at the one address to which passkeys belong; without them password and one-time code remain.
(function () {
  "use strict";
  var keys = navigator.credentials;
  if (!window.PublicKeyCredential || !keys) return;
  function bytes(text) {
    var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (sign) { return sign.charCodeAt(0); });
  }
  function text(buffer) {
    var raw = "";
    new Uint8Array(buffer || []).forEach(function (byte) { raw += String.fromCharCode(byte); });
    return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function known(data) {
    return data.known.split(" ").filter(Boolean).map(function (id) { return { type: "public-key", id: bytes(id) }; });
  }
  function ask(data) {
    var asked = { challenge: bytes(data.challenge), timeout: Number(data.timeout) };
    if (data.passkey === "get") {
      asked.rpId = data.rp;
      asked.userVerification = "required";
      asked.allowCredentials = known(data);
      return keys.get({ publicKey: asked });
    }
    asked.rp = { id: data.rp, name: data.rpName };
    asked.user = { id: bytes(data.user), name: data.userName, displayName: data.userName };
    asked.pubKeyCredParams = data.algorithms.split(" ").map(function (alg) { return { type: "public-key", alg: Number(alg) }; });
    asked.authenticatorSelection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    asked.attestation = "none";
    asked.excludeCredentials = known(data);
    return keys.create({ publicKey: asked });
  }
  function run(form) {
    ask(form.dataset).then(function (key) {
      var said = key.response;
      var field = form.elements;
      field.id.value = text(key.rawId);
      field.client.value = text(said.clientDataJSON);
      field.data.value = text(said.attestationObject || said.authenticatorData);
      field.signature.value = text(said.signature);
      field.user.value = text(said.userHandle);
      form.submit();
    }).catch(function () {
      form.querySelector("[data-passkey-failed]").hidden = false;
    });
  }
  document.querySelectorAll("form[data-origin]").forEach(function (form) {
    if (form.dataset.origin !== location.origin) return;
    form.hidden = false;
    document.querySelectorAll("[data-passkey-none]").forEach(function (words) { words.hidden = true; });
    if (!form.dataset.passkey) return;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      run(form);
    });
    run(form);
  });
})();
