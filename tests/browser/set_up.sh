#!/bin/sh
# Installs the Chromium that the browser tests drive, where that takes no questions: as root, on a
# system with apt. Never fails and never takes long; without Chromium those tests skip and say so.
command -v chromium >/dev/null 2>&1 && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "installing Chromium for the browser tests, once"
export DEBIAN_FRONTEND=noninteractive
{
  timeout 40 apt-get -qq update
  # What is downloaded may be cut short at any time, what is unpacked should not be.
  timeout 80 apt-get -qq install --yes --no-install-recommends --download-only \
    chromium fonts-dejavu-core &&
    apt-get -qq install --yes --no-install-recommends --no-download chromium fonts-dejavu-core
} >/dev/null 2>&1
exit 0
