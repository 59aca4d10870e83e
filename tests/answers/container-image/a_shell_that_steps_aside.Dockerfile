# BEGIN SOLUTION
FROM python:3.11-slim AS base
ENV PATH=/opt/app/bin:$PATH

FROM base AS wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt

FROM base AS packages
COPY --from=wheels /wheels /wheels
RUN python3 -m venv /opt/app && /opt/app/bin/pip install --no-index --no-cache-dir /wheels/*

FROM base AS service
COPY --from=packages /opt/app /opt/app
RUN groupadd -g 2000 shop && useradd -u 2000 -g shop shop \
    && mkdir -p /var/lib/churn /service && chown shop:shop /var/lib/churn
WORKDIR /service
COPY ["model", "/service/model/"]
COPY ["churn_service", "/service/churn_service/"]
ENV CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3
USER shop:shop
ENV CHURN_MODEL_DIR=/service/model
STOPSIGNAL SIGINT
HEALTHCHECK --timeout=4s --interval=8s --start-period=20s --retries=3 CMD ["python3", "-c", \
     "import socket; s = socket.create_connection(('127.0.0.1', 5000), 2); s.settimeout(2); \
      s.sendall(b'GET /ready HTTP/1.0\\r\\n\\r\\n'); assert b' 200 ' in s.recv(64)"]
CMD ["sh", "-c", "exec python3 -m churn_service --host 0.0.0.0 --port 5000"]
# END SOLUTION
