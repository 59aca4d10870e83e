# fails: test_a_change_of_code_installs_nothing_again
# says: The layer that holds Flask was made anew
# BEGIN SOLUTION
FROM python:3.11-slim
ENV CHURN_MODEL_DIR=/app/model PORT=5000 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN --mount=type=bind,target=/src pip install --no-cache-dir -r /src/requirements.txt
COPY . .
RUN mkdir /var/lib/churn && chown 10001 /var/lib/churn
ENV CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3
USER 10001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/ready', timeout=2)"]
CMD ["python", "-m", "churn_service", "--host", "0.0.0.0"]
# END SOLUTION
