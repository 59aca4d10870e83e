# fails: test_what_changes_most_is_copied_last
# says: copies the code, and line
# BEGIN SOLUTION
FROM python:3.11-slim
ENV CHURN_MODEL_DIR=/app/model PORT=5000 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -r requirements.txt
RUN mkdir /var/lib/churn && chown 10001 /var/lib/churn
ENV CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3
USER 10001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/ready', timeout=2)"]
CMD ["python", "-m", "churn_service", "--host", "0.0.0.0"]
# END SOLUTION
