// Node 20 or newer; nothing to install. Save it as convert.mjs and run: node convert.mjs
// Set your key once:  export KHOCR_API_KEY=khocr_...
import { readFile, writeFile } from "node:fs/promises";

const api = "{{base}}/api/v1";
const headers = { "X-API-Key": process.env.KHOCR_API_KEY };

async function call(path, options = {}) {
  for (;;) {
    const answer = await fetch(api + path, { headers, ...options });
    if (answer.ok) return answer;
    const problem = await answer.json();
    if (!["rate_limit_exceeded", "result_not_ready"].includes(problem.code)) {
      throw new Error(`${problem.code}: ${problem.detail}`);
    }
    const seconds = Number(answer.headers.get("Retry-After"));
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }
}

// a small sample; use your own document instead
const sample = await fetch("{{base}}/docs/sample.pdf");
await writeFile("document.pdf", Buffer.from(await sample.arrayBuffer()));

// 1. submit
const form = new FormData();
form.set("file", new Blob([await readFile("document.pdf")]), "document.pdf");
form.set("priority", "high");
const { job_id } = await (await call("/convert", { method: "POST", body: form })).json();
console.log("job", job_id);

// 2. wait: each call answers when the job ends, or after 20 seconds
let job;
do {
  job = await (await call(`/jobs/${job_id}?wait=20`)).json();
  console.log(job.status, job.progress, "%");
} while (["QUEUED", "PROCESSING"].includes(job.status));

// 3. fetch the result: json, text or docx
const result = await call(`/jobs/${job_id}/result?format=text`);
await writeFile("result.txt", Buffer.from(await result.arrayBuffer()));
console.log(await readFile("result.txt", "utf8"));
