# The production image: the service with what it needs at run time, and nothing else.

FROM python:3.12-slim AS build

WORKDIR /app
RUN python -m venv /app/.virtualenv
ENV PATH="/app/.virtualenv/bin:$PATH"
COPY requirements/production.txt requirements/
RUN pip install --no-cache-dir --requirement requirements/production.txt
COPY global/data global/data
COPY openslides_backend openslides_backend
RUN python -m compileall -q openslides_backend


FROM python:3.12-slim

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin openslides \
    && install --directory --owner openslides --mode 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/app/.virtualenv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OPENSLIDES_DATA_FOLDER=/data
USER openslides
# Action and presenter. The same image also serves permission (9005), auth (9004), media (9006) and the datastore (9010
# reader, 9011 writer), see docs/operations.md.
EXPOSE 9002 9003
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["python", "-m", "openslides_backend.serve.probe"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "openslides_backend"]
