# The Python worker. Build from the root:
# docker build -f deploy/python-worker.Dockerfile --platform linux/arm64 .
FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app/src
WORKDIR /app
# `--build-arg REQUIREMENTS=requirements-tools.txt` brings the execution tools DuckDB and pandas, too
# (docs/transforms.md).
ARG REQUIREMENTS=requirements.txt
COPY python-worker/${REQUIREMENTS} ./requirements.txt
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY python-worker/src src
RUN python -m compileall -q src
# Starts as root, and gives it up at once: the worker becomes user 20000, the run in slot n is user
# 20001 + n. They need no entry in /etc/passwd. Only the fork server, which no vendor's answer and no
# tenant's word reaches, stays root.
ENV INLET_USERS=20000
# No shell in between: SIGTERM must reach the worker, which then has 60 s to end.
ENTRYPOINT ["python", "-m", "inlet_worker", "worker"]
