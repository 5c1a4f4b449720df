# syntax=docker/dockerfile:1

FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim
# The number is fixed so that mounted secrets can be made readable for it.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/baotin baotin
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
WORKDIR /var/lib/baotin
ENV PYTHONUNBUFFERED=1 \
    BAOTIN_WEB_HOST=0.0.0.0
EXPOSE 8080
# For `serve`; a service that runs another command turns it off.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["baotin"]
CMD ["serve"]
