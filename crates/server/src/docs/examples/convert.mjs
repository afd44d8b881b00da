import { readFile } from "node:fs/promises";

const form = new FormData();
form.set("file", new Blob([await readFile("document.pdf")]), "document.pdf");
form.set("output_format", "json");
form.set("force_ocr", "false");
form.set("priority", "normal");

const answer = await fetch("{{base}}/api/v1/convert", {
  method: "POST",
  headers: { "X-API-Key": process.env.KHOCR_API_KEY },
  body: form,
});
console.log(await answer.json());
