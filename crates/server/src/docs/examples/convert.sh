answer=$(curl -sS \
  -H "X-API-Key: $KHOCR_API_KEY" \
  -F file=@document.pdf \
  -F output_format=json \
  -F force_ocr=false \
  -F priority=normal \
  "{{base}}/api/v1/convert")
echo "$answer"
export JOB_ID=$(echo "$answer" | sed -n 's/.*"job_id":"\([0-9a-f]*\)".*/\1/p')
