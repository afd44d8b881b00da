# Python 3.8 or newer; nothing to install.
# Set your key once:  export KHOCR_API_KEY=khocr_...
import json, os, time, urllib.error, urllib.request, uuid

API = "{{base}}/api/v1"
KEY = os.environ["KHOCR_API_KEY"]


def call(method, path, body=None, content_type="application/octet-stream"):
    headers = {"X-API-Key": KEY, "Content-Type": content_type}
    while True:
        request = urllib.request.Request(API + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if problem["code"] not in ("rate_limit_exceeded", "result_not_ready"):
                raise SystemExit(f"{problem['code']}: {problem['detail']}")
            time.sleep(int(error.headers["Retry-After"]))


def form(path, **fields):
    mark = uuid.uuid4().hex
    body = b""
    for name, value in fields.items():
        body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    name = os.path.basename(path)
    body += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    with open(path, "rb") as file:
        body += file.read()
    return body + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


# a small sample; use your own document instead
urllib.request.urlretrieve("{{base}}/docs/sample.pdf", "document.pdf")

# 1. submit
job = json.loads(call("POST", "/convert", *form("document.pdf", priority="high")))["job_id"]
print("job", job)

# 2. wait: each call answers when the job ends, or after 20 seconds
while True:
    state = json.loads(call("GET", f"/jobs/{job}?wait=20"))
    print(state["status"], state["progress"], "%")
    if state["status"] not in ("QUEUED", "PROCESSING"):
        break

# 3. fetch the result: json, text or docx
with open("result.txt", "wb") as file:
    file.write(call("GET", f"/jobs/{job}/result?format=text"))
print(open("result.txt", encoding="utf-8").read())
