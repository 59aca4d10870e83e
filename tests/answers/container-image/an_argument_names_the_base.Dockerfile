# BEGIN SOLUTION
ARG BASE=python
ARG VERSION="3.11-slim"
FROM ${BASE}:${VERSION} AS wheels
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt

FROM ${BASE}:$VERSION
RUN useradd --system --uid 4242 --no-create-home churn \
 && mkdir -p /var/lib/churn && chown churn:churn /var/lib/churn
COPY --from=wheels /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CHURN_MODEL_DIR=/srv/churn/model \
    CHURN_PREDICTION_LOG=/var/lib/churn/log.sqlite3
WORKDIR /srv/churn
COPY model/ model/
COPY churn_service/ churn_service/
USER churn
VOLUME ["/var/lib/churn"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=5 CMD ["python", "-c", \
  "import urllib.request as http; http.urlopen('http://127.0.0.1:5000/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "churn_service"]
CMD ["--host", "0.0.0.0", "--port", "5000"]
# END SOLUTION
