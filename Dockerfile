# The API and the worker, without the servers that `make run` embeds: those are services of their own
# (docker-compose.yml). Wheels only, each checked against its hash in requirements.lock.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv /venv
COPY pyproject.toml requirements.lock ./
COPY infra/container_lock.py infra/
RUN python infra/container_lock.py requirements.lock > container.lock \
    && /venv/bin/pip install --only-binary :all: --require-hashes -r container.lock
COPY . .
RUN /venv/bin/pip install --no-build-isolation --no-deps . \
    && /venv/bin/pip check \
    && /venv/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tasktrail \
    && install --directory --owner tasktrail --mode 700 /var/lib/tasktrail
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 TASKTRAIL_DATA=/var/lib/tasktrail
USER tasktrail
WORKDIR /var/lib/tasktrail
EXPOSE 8000
ENTRYPOINT ["tasktrail"]
CMD ["serve"]
