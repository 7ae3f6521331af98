# 民生 / minsheng: one image for every component; the compose file says which one a container is.

FROM python:3.13-slim-trixie AS build
# A mirror, where one is needed: docker compose build --build-arg PIP_INDEX_URL=https://...
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /opt/minsheng
# Everything that is locked is fetched and checked; what is needed to run is installed from that alone,
# so no development tool comes along and nothing that is not locked can.
COPY requirements.lock ./
RUN pip download --no-cache-dir --no-deps --require-hashes -r requirements.lock -d /wheels
COPY pyproject.toml hatch_build.py LICENSE ./
COPY etl/__init__.py etl/
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv install --no-cache-dir --no-index --find-links /wheels -e . \
 && cd /opt/venv/lib/python3.13/site-packages \
 && find numpy pandas pyarrow scipy -type d -name tests -prune -exec rm -rf {} +

FROM python:3.13-slim-trixie
# The number is what a bind mount's owner has to be; see docs/containers.md.
RUN useradd --uid 1000 --create-home minsheng \
 && install -d -o minsheng -g minsheng -m 0750 /var/lib/minsheng \
 && install -d -o minsheng -g minsheng /landing
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GX_ANALYTICS_ENABLED=false \
    SCARF_ANALYTICS=false \
    DO_NOT_TRACK=1 \
    MINSHENG_HOME=/var/lib/minsheng \
    MINSHENG_LANDING=/landing
WORKDIR /opt/minsheng
COPY LICENSE pyproject.toml ./
COPY examples examples
COPY expectations expectations
COPY warehouse warehouse
COPY dags dags
COPY etl etl
# The user cannot write here, so this is the only time that bytecode is made.
RUN python -m compileall -q etl warehouse dags
ENV PYTHONDONTWRITEBYTECODE=1

USER minsheng
ENTRYPOINT ["python", "-m", "etl.airflow.container"]
CMD ["--help"]
