# One image for web, worker and beat; the command says which. CI does not build it: the machines it runs on have no container engine.
# The lock pins every package with its hashes, so two builds install the same bytes.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/newsletter
COPY requirements.lock .
RUN /opt/newsletter/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY newsletter newsletter
COPY workers workers
COPY templates templates
RUN /opt/newsletter/bin/pip install --no-deps . && /opt/newsletter/bin/python -m compileall -q /opt/newsletter

FROM python:3.13-slim-bookworm
# 10001: a user without a name on any host, without a shell, without rights.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin newsletter \
    && install -d -o 10001 -g 10001 -m 700 /var/lib/newsletter
COPY --from=build /opt/newsletter /opt/newsletter
ENV PATH=/opt/newsletter/bin:$PATH PYTHONUNBUFFERED=1 NEWSLETTER_DATA_DIR=/var/lib/newsletter NEWSLETTER_BIND=0.0.0.0:8000
USER 10001
WORKDIR /var/lib/newsletter
VOLUME /var/lib/newsletter
EXPOSE 8000
# A worker that is told to stop finishes the batch in its hands; 160 seconds is its limit and a margin.
STOPSIGNAL SIGTERM
ENTRYPOINT ["newsletter"]
CMD ["--help"]
