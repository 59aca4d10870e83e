# BEGIN SOLUTION
ARG PYTHON=3.11
FROM python:3.11-slim
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir -r /tmp/requirements.txt
ENV PYTHONPATH=/srv CHURN_MODEL_DIR=/srv/model
RUN useradd --system --uid 999 churn && install -d -o churn /var/lib/churn
COPY --chown=churn model /srv/model
COPY --chown=churn churn_service/ /srv/churn_service/
VOLUME /var/lib/churn
ENV CHURN_PREDICTION_LOG=/var/lib/churn/predictions.sqlite3
USER churn
EXPOSE 5000/tcp
HEALTHCHECK --interval=5s --timeout=2s --retries=2 \
  CMD python -c "from http.client import *; c = HTTPConnection('localhost', 5000, timeout=1); c.request('GET', '/health'); assert c.getresponse().status == 200"
ENTRYPOINT ["python", "-m", "churn_service"]
CMD ["--host", "0.0.0.0", "--port", "5000"]
# END SOLUTION
