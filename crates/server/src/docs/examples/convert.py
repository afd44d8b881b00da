import json, os, urllib.request, uuid

fields = {"output_format": "json", "force_ocr": "false", "priority": "normal"}
mark = uuid.uuid4().hex
parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
         for name, value in fields.items()]
parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="document.pdf"\r\n\r\n')
with open("document.pdf", "rb") as file:
    body = "".join(parts).encode() + file.read() + f"\r\n--{mark}--\r\n".encode()

request = urllib.request.Request(
    "{{base}}/api/v1/convert",
    data=body,
    headers={
        "X-API-Key": os.environ["KHOCR_API_KEY"],
        "Content-Type": f"multipart/form-data; boundary={mark}",
    },
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer))
