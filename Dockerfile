# The production image: the service with what it needs at run time, and nothing else.
#
# The tag of the base image moves on. To build the same image again, or none but the one that was looked at, give its digest:
#   docker buildx imagetools inspect python:3.12-slim --format '{{.Manifest.Digest}}'
#   make build-prod PYTHON_IMAGE=python:3.12-slim@sha256:...
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build

WORKDIR /app
RUN python -m venv /app/.virtualenv
ENV PATH="/app/.virtualenv/bin:$PATH"
COPY requirements/production.txt requirements/s3.txt requirements/
# Anything but the empty text lets the media service keep files in a bucket.
ARG S3=
RUN pip install --no-cache-dir --requirement requirements/production.txt ${S3:+--requirement requirements/s3.txt}
COPY global/data global/data
COPY openslides_backend openslides_backend
RUN python -m compileall -q openslides_backend


FROM ${PYTHON_IMAGE}

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="OpenSlides backend" \
      org.opencontainers.image.description="The service of OpenSlides 4 through which everything is changed" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin openslides \
    && install --directory --owner openslides --mode 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/app/.virtualenv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OPENSLIDES_DATA_FOLDER=/data
# By its number, so that Kubernetes can tell that it isn't root.
USER 10001
# Action and presenter. The same image also serves permission (9005), auth (9004), media (9006), vote (9013) and the
# datastore (9010 reader, 9011 writer), see docs/operations.md.
EXPOSE 9002 9003
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["python", "-m", "openslides_backend.embedded.health"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "openslides_backend"]
