# Mocktill as a service: `docker build -t mocktill .`, then `docker run --rm -p 127.0.0.1:8080:8080 mocktill`.
# Both stages begin with the same image, so that the environment built in the first finds its interpreter in the second.
ARG PYTHON=3.13.14-slim-bookworm

FROM python:${PYTHON} AS build
# pip compiles nothing: what it would write holds the time of the build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock requirements.build.lock ./
RUN python -m venv --without-pip /opt/mocktill \
 && pip install --require-hashes --only-binary=:all: -r requirements.build.lock \
 && pip --python /opt/mocktill/bin/python install --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY schemas schemas
COPY fixtures fixtures
# the same sources make the same wheel: every file in it is of this second
ARG SOURCE_DATE_EPOCH=315532800
# unchecked-hash: byte code without times in it, and no look at the source at each import
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && pip --python /opt/mocktill/bin/python install --no-deps --no-index dist/*.whl \
 && /opt/mocktill/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mocktill/lib

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Mocktill" \
      org.opencontainers.image.description="A stateful sandbox for purchase APIs: Deem Offers, Drip, Supertab and Kajabi" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# where a volume may be mounted for MOCKTILL_STATE or MOCKTILL_TLS_FOLDER, whichever user writes there
RUN install --directory --mode=1777 /data
COPY --from=build /opt/mocktill /opt/mocktill
ENV PATH="/opt/mocktill/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    MOCKTILL_HOST=0.0.0.0 \
    MOCKTILL_PORT=8080
USER 65532:65532
WORKDIR /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=0.2s --retries=3 \
    CMD ["mocktill", "health"]
ENTRYPOINT ["mocktill"]
CMD ["serve"]
