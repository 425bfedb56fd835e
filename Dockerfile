# process-manager in a container: the pages, the HTTP API and workers, one image for all. docs/how-to/docker.md says how.
#   docker build --tag process-manager .
#   docker build --tag process-manager --build-arg BROWSER=chromium .    # with a browser and its driver, for bots
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=postgres,web
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /source
COPY pyproject.toml README.md LICENSE logging.yaml ./
COPY migrations migrations
COPY tasks tasks
COPY processes processes
COPY process_manager process_manager
RUN /opt/venv/bin/pip install ".[${EXTRAS}]"

FROM python:${PYTHON}-slim
ARG BROWSER=
# Debian's own browser and driver fit each other; nothing is downloaded from anywhere else.
RUN if [ "$BROWSER" = chromium ]; then \
      apt-get update && apt-get install --yes --no-install-recommends chromium chromium-driver && rm -rf /var/lib/apt/lists/*; \
    elif [ -n "$BROWSER" ]; then echo "BROWSER is chromium or nothing" >&2; exit 1; fi
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/process-manager --create-home process-manager \
    && install --directory --owner 10001 --group 10001 /var/lib/process-manager/locks
COPY --from=build /opt/venv /opt/venv
COPY docs/how-to/files/docker/ready.py /opt/process-manager/ready.py
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PROCESS_MANAGER_LOG_FORMAT=json \
    PROCESS_MANAGER_LOCKS_FOLDER=/var/lib/process-manager/locks \
    PROCESS_MANAGER_WEB_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/process-manager
EXPOSE 8000
# Of the pages; a worker has none, and compose.yaml says so.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "/opt/process-manager/ready.py"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["process-manager"]
CMD ["web"]
