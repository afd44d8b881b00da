# bash and curl. Set your key once:  export KHOCR_API_KEY=khocr_...
api={{base}}/api/v1
key="X-API-Key: $KHOCR_API_KEY"

# a small sample; use your own document instead
curl -sS -o document.pdf {{base}}/docs/sample.pdf

# 1. submit
job=$(curl -sS -H "$key" -F file=@document.pdf "$api/convert" \
  | sed -n 's/.*"job_id":"\([0-9a-f]*\)".*/\1/p')
echo "job $job"

# 2. wait: each call answers when the job ends, or after 20 seconds
until curl -sS -H "$key" "$api/jobs/$job?wait=20" \
  | grep -qE '"status":"(COMPLETED|FAILED|CANCELLED)"'; do sleep 2; done

# 3. fetch the result: json, text or docx
curl -sS --fail-with-body -H "$key" -o result.txt "$api/jobs/$job/result?format=text"
cat result.txt
