# fails: test_the_file_states_user_command_and_health_check
# says: Use arguments JSON notation for CMD and ENTRYPOINT arguments
# BEGIN SOLUTION
FROM python:3.11-slim AS dependencies
WORKDIR /build
COPY requirements.txt .
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir -r requirements.txt

# pip and its cache stay behind in the stage above
FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CHURN_MODEL_DIR=/app/model \
    CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3 \
    PORT=5000
# a number, because Kubernetes can tell from a number alone that it is not root
RUN install -d -o 10001 -g 10001 /var/lib/churn
WORKDIR /app
# what changes least comes first, so that a change of code reuses every layer above it
COPY --from=dependencies /opt/venv /opt/venv
COPY model model
COPY churn_service churn_service
USER 10001:10001
EXPOSE 5000
# there is no curl in a slim image; urlopen raises on a refusal, on a timeout, and on 503
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/ready', timeout=2)"]
CMD python -m churn_service --host 0.0.0.0
# END SOLUTION
