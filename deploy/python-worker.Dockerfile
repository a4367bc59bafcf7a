# The Python worker. Build from the root: docker build -f deploy/python-worker.Dockerfile --platform linux/arm64 .
FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app/src
WORKDIR /app
COPY python-worker/requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY python-worker/src src
RUN useradd --system --uid 10001 inlet
USER inlet
# No shell in between: SIGTERM must reach the worker, which then has 60 s to end.
ENTRYPOINT ["python", "-m", "inlet_worker", "worker"]
