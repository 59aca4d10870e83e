# fails: test_the_health_check_turns_healthy
# says: curl
# BEGIN SOLUTION
FROM python:3.11-slim AS dependencies
COPY requirements.txt .
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CHURN_MODEL_DIR=/app/model \
    CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3 \
    PORT=5000
RUN install -d -o 10001 -g 10001 /var/lib/churn
WORKDIR /app
COPY --from=dependencies /opt/venv /opt/venv
COPY model model
COPY churn_service churn_service
USER 10001:10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s CMD curl --fail http://localhost:5000/health
CMD ["python", "-m", "churn_service", "--host", "0.0.0.0"]
# END SOLUTION
