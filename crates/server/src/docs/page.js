"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const save = (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } };
  const load = (k) => { try { return localStorage.getItem(k); } catch { return null; } };

  // Language: the server chose one; a choice made here is kept.
  const speak = (lang) => {
    root.lang = lang;
    document.querySelectorAll(".switch a").forEach((a) => {
      if (a.dataset.lang === lang) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    });
  };
  const asked = new URLSearchParams(location.search).get("lang");
  speak(asked === "km" || asked === "en" ? asked : load("lang") || root.lang);
  document.querySelectorAll(".switch a").forEach((a) => a.addEventListener("click", (event) => {
    event.preventDefault();
    save("lang", a.dataset.lang);
    history.replaceState(null, "", "?lang=" + a.dataset.lang + location.hash);
    speak(a.dataset.lang);
  }));

  // Tabs: one choice of language for all examples.
  const boxes = [...document.querySelectorAll(".tabs")];
  const choose = (tongue) => boxes.forEach((box) => {
    box.querySelectorAll("[role=tab]").forEach((tab) => {
      const on = tab.dataset.tongue === tongue;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    });
    box.querySelectorAll("pre").forEach((pre) => { pre.hidden = pre.dataset.tongue !== tongue; });
  });
  boxes.forEach((box) => {
    box.classList.add("live");
    const list = document.createElement("div");
    list.className = "tablist";
    list.setAttribute("role", "tablist");
    box.querySelectorAll("pre").forEach((pre) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", pre.id);
      tab.dataset.tongue = pre.dataset.tongue;
      tab.textContent = pre.dataset.title;
      pre.setAttribute("role", "tabpanel");
      tab.addEventListener("click", () => { choose(tab.dataset.tongue); save("tongue", tab.dataset.tongue); });
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const tabs = [...list.querySelectorAll("[role=tab]")];
        const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
        next.click();
        next.focus();
      });
      list.append(tab);
    });
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.innerHTML = '<span lang="en">Copy</span><span lang="km">ចម្លង</span>';
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("pre:not([hidden])").textContent);
      copy.innerHTML = '<span lang="en">Copied</span><span lang="km">បានចម្លង</span>';
      setTimeout(() => { copy.innerHTML = '<span lang="en">Copy</span><span lang="km">ចម្លង</span>'; }, 1500);
    });
    if (navigator.clipboard) list.append(copy);
    box.prepend(list);
  });
  choose(["curl", "python", "javascript"].includes(load("tongue")) ? load("tongue") : "curl");

  // Where in the page the reader is.
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (!entry.isIntersecting) return;
    links.forEach((a) => a.classList.remove("here"));
    links.get(entry.target.id)?.classList.add("here");
  }), { rootMargin: "-15% 0px -75% 0px" });
  links.forEach((_, id) => { if ($(id)) seen.observe($(id)); });

  // The form.
  const api = "/api/v1";
  const form = $("form");
  const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  let job = null;

  const say = (en, km, tone = "") => {
    const line = (lang, text) => Object.assign(document.createElement("span"), { lang, textContent: text });
    $("state").replaceChildren(line("en", en), line("km", km));
    $("state").className = tone;
  };
  const show = (percent) => {
    $("progress").hidden = false;
    $("fill").style.width = percent + "%";
    $("fill").parentElement.setAttribute("aria-valuenow", Math.round(percent));
  };
  const refuse = (problem) => Object.assign(new Error(problem.detail), { km: problem.detail_km });

  const send = (key, body) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", api + "/convert");
    request.setRequestHeader("X-API-Key", key);
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.round((event.loaded / event.total) * 100);
      show(percent);
      say(`Sending: ${percent} %`, `កំពុងផ្ញើ៖ ${percent} %`);
    };
    request.onload = () => {
      let body = null;
      try { body = JSON.parse(request.responseText); } catch { /* no JSON: below */ }
      if (request.status === 200 && body) done(body);
      else fail(body ? refuse(body) : new Error("HTTP " + request.status));
    };
    request.onerror = () => fail(Object.assign(new Error("The server cannot be reached."), { km: "មិនអាចភ្ជាប់ទៅម៉ាស៊ីនមេបានទេ។" }));
    request.send(body);
  });

  const get = async (key, path) => {
    for (;;) {
      const answer = await fetch(api + path, { headers: { "X-API-Key": key } });
      if (answer.ok) return answer;
      const problem = await answer.json();
      if (problem.code !== "rate_limit_exceeded") throw refuse(problem);
      const seconds = Number(answer.headers.get("Retry-After")) || 5;
      say(`Too many requests; waiting ${seconds} s`, `សំណើច្រើនពេក កំពុងរង់ចាំ ${seconds} វិនាទី`);
      await sleep(seconds);
    }
  };

  const follow = async (key, id) => {
    let wait = 1;
    for (;;) {
      const answer = await get(key, `/jobs/${id}?wait=${wait}`);
      const now = await answer.json();
      show(now.progress);
      const pages = `${now.pages_done} / ${now.pages_total}`;
      if (now.status === "QUEUED") say("Waiting for its turn", "កំពុងរង់ចាំវេន");
      if (now.status === "PROCESSING") say(`Reading: page ${pages}`, `កំពុងអាន៖ ទំព័រ ${pages}`);
      if (now.status === "CANCELLED") throw refuse({ detail: "The job was cancelled.", detail_km: "ការងារត្រូវបានបោះបង់។" });
      if (now.status === "FAILED") throw refuse({ detail: now.error?.message, detail_km: now.error?.message_km });
      if (now.status === "COMPLETED") return now;
      // A small plan has few requests a minute: ask less often when they run low.
      const left = Number(answer.headers.get("RateLimit-Remaining"));
      wait = left > 5 ? 2 : 20;
    }
  };

  const present = async (key, now) => {
    const stem = now.file_name.replace(/\.[^.]{1,5}$/, "");
    const text = await (await get(key, `/jobs/${now.id}/result?format=text`)).text();
    $("text").textContent = text.replaceAll("\f", "\n\n———\n\n");
    $("downloads").replaceChildren(...[...$("format").options].map((option) => {
      const link = Object.assign(document.createElement("a"), { href: "#try", textContent: "↓ " + option.value });
      link.addEventListener("click", async (event) => {
        event.preventDefault();
        try {
          const answer = await get(key, `/jobs/${now.id}/result?format=${option.value}`);
          const url = URL.createObjectURL(await answer.blob());
          Object.assign(document.createElement("a"), { href: url, download: `${stem}.${option.dataset.ending}` }).click();
          setTimeout(() => URL.revokeObjectURL(url), 60000);
        } catch (error) { say(error.message, error.km || error.message, "bad"); }
      });
      return link;
    }));
    // The chosen format first.
    const chosen = [...$("downloads").children][$("format").selectedIndex];
    $("downloads").prepend(chosen);
    $("out").hidden = false;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = $("key").value.trim();
    const file = $("file").files[0];
    if (!key) { $("key").focus(); return say("Enter your API key.", "សូមបញ្ចូលកូដ API របស់អ្នក។", "bad"); }
    if (!file) { $("file").focus(); return say("Choose a document.", "សូមជ្រើសរើសឯកសារ។", "bad"); }
    const body = new FormData(form);
    body.delete("key");
    $("out").hidden = true;
    $("go").disabled = true;
    show(0);
    try {
      say("Sending", "កំពុងផ្ញើ");
      job = (await send(key, body)).job_id;
      $("stop").hidden = false;
      const now = await follow(key, job);
      await present(key, now);
      say(`Done: ${now.pages_total} pages in ${now.elapsed_seconds.toFixed(1)} s`, `រួចរាល់៖ ${now.pages_total} ទំព័រ ក្នុង ${now.elapsed_seconds.toFixed(1)} វិនាទី`, "good");
    } catch (error) {
      say(error.message, error.km || error.message, "bad");
    } finally {
      job = null;
      $("go").disabled = false;
      $("stop").hidden = true;
    }
  });
  $("stop").addEventListener("click", () => {
    if (job) fetch(`${api}/jobs/${job}`, { method: "DELETE", headers: { "X-API-Key": $("key").value.trim() } });
  });
  ["dragover", "dragleave", "drop"].forEach((kind) => $("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) $("file").files = event.dataTransfer.files;
  }));
})();
